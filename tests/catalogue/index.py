"""All of the rows."""

from __future__ import annotations

from tests.catalogue.close_rows import CLOSE_ROWS
from tests.catalogue.control_rows import CONTROL_ROWS
from tests.catalogue.deflate_rows import DEFLATE_ROWS
from tests.catalogue.frame_rows import FRAME_ROWS
from tests.catalogue.rows import Row

STREAM_ROWS: list[Row] = [*FRAME_ROWS, *CONTROL_ROWS, *DEFLATE_ROWS, *CLOSE_ROWS]
