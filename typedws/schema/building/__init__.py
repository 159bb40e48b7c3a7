"""From a document to a contract: types, connections, operations, and how messages are told apart."""
