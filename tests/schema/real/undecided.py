"""What nothing in the real documents tells apart: the faults of the documents, by document and direction.

Such messages are delivered as `Unknown` unless a subscription or a request narrows them down.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NOT_TOLD_APART"]

NOT_TOLD_APART: Final[dict[tuple[str, str], frozenset[str]]] = {
    # The event type is a string without a value.
    ("binance.yaml", "incoming"): frozenset(
        (
            "AggregateTradeStream TradeStream KlineStreamWithTimezoneOffset KlineStreamWithUTC "
            "IndividualSymbolMiniTicker AllMarketMiniTickers IndividualSymbolTicker AllMarketTickers "
            "IndividualSymbolRollingWindowStatistics AllMarketRollingWindowStatistics IndividualSymbolBookTicker "
            "AveragePrice PartialBookDepth DiffDepth"
        ).split()
    ),
    # Everything is optional.
    ("bitget.yaml", "outgoing"): frozenset(("GeneralResponse PushResponse").split()),
    # Everything is optional, or `type` and `channel` are strings without a value.
    ("coinbase.yaml", "incoming"): frozenset(
        (
            "SubscriptionResponsePayload HeartbeatPayload OrderBookSnapshot OrderBookUpdate MultipleArray "
            "BalancePayload TradeHeartbeat TradeCandles TradeMarkets TradeStatus TradeTicker TradeL2Data UserData "
            "FutureBalanceSummary"
        ).split()
    ),
    # Made to have this.
    ("generator-ws-query.yml", "incoming"): frozenset(
        ("MarketUpdateMessage MessageWithoutDiscriminator MessageWithDiscriminatorNoConst").split()
    ),
    # `feed` and `event` are strings without a value.
    ("krakenfutures.yaml", "incoming"): frozenset(
        ("ErrorMessage HoldingWalletResponse SingleCollateralResponse ChallengeMessage HeartbeatRequest").split()
    ),
    # Nothing is required, and all channels are on one socket.
    ("mobula.yaml", "incoming"): frozenset(
        (
            "MultiEventsStreamEvent OhlcvEvent PriceFeedEvent MarketDetailsEvent TokenDetailsEvent PositionEvent "
            "PositionsEvent HoldersEvent FundingEvent PulseV2Event PulseV2PoolBasedEvent"
        ).split()
    ),
    # The same twice.
    ("mobula.yaml", "outgoing"): frozenset(("PulseV2Subscribe PulseV2PoolBasedSubscribe").split()),
    # `event` and `arg` are the same for all of them, or optional.
    ("okx.yaml", "incoming"): frozenset(
        (
            "SubscribeResponse PushDataResponse ErrorResponse PositionResponse PositionPushDataResponse "
            "BalanceResponse BalancePushDataResponse RiskResponse RiskPushDataResponse OrderResponse "
            "OrderPushDataResponse FillsResponse FillsPushDataResponse PlaceOrderResponse CancelOrderResponse "
            "AmendOrderResponse MassCancelResponse AlgoOrderResponse AlgoOrderPushResponse SpotGridPushResponse "
            "ContractGridPushResponse GridPositionPushResponse GridOrderPushResponse RecurringOrderResponse "
            "CopyTradingResponse LeadTradingResponse TickersResponse CandleStickResponse TradesResponse "
            "AllTradesResponse OrderbookResponse OptionTradesResponse AuctionResponse SpreadOrderResponse "
            "SpreadAmendResponse SpreadCancelAllResponse OrderChannelResponse OrderChannelPushResponse "
            "TradeChannelPushResponse InstrumentPushResponse OpenInterestPushResponse FundingratePushResponse "
            "PriceLimitPushResponse OptionPushResponse PricePushResponse MarkPricePushResponse "
            "PublicTickersPushResponse PublicCandlestickPushResponse LiquidationResponse ADLResponse "
            "CalenderPushResponse DepositResponseData DepositPushData WithdrawPushData "
            "OrderbookChannelPushResponse PublicTradePushResponse"
        ).split()
    ),
    # `op` is "subscribe" for all of them.
    ("okx.yaml", "outgoing"): frozenset(
        (
            "SubscribeRequest PositionRequest BalanceRequest RiskRequest OrderRequest FillsRequest "
            "PlaceOrderRequest CancelOrderRequest AmendOrderRequest MassCancelRequest AlgoOrdersRequest "
            "AdvanceAlgoOrdersRequest TickersRequest SpreadOrderRequest SpreadAmendRequest "
            "SpreadCancelOrderRequest SpreadCancelAllRequest OrderChannelRequest InstrumentRequest "
            "CalenderRequest DepositRequest"
        ).split()
    ),
    # Both have the type "bot_added".
    ("slack-rtm.yml", "incoming"): frozenset(("BotAdded BotChanged").split()),
    # Made to have this.
    ("spec-oneof.yml", "incoming"): frozenset(("ObjectWithKey ObjectWithKey2").split()),
    # Made to have this.
    ("spec-oneof.yml", "outgoing"): frozenset(("ObjectWithKey ObjectWithKey2").split()),
}
