package simgrid

import (
	"rookery/grid/message"
)

var economyRoutes = []route{
	onAny(handleMoneyBalanceRequest),
	onAny(handleEconomyDataRequest),
}

// handleMoneyBalanceRequest answers 0: the grid has no money.
func handleMoneyBalanceRequest(_ *Region, p *presence, m *message.MoneyBalanceRequest) {
	p.sendReliable(&message.MoneyBalanceReply{
		MoneyData: message.MoneyBalanceReplyMoneyData{
			AgentID: p.session.account.id, TransactionID: m.MoneyData.TransactionID,
			TransactionSuccess: true, Description: message.Bytes(""),
		},
		TransactionInfo: message.MoneyBalanceReplyTransactionInfo{Amount: -1, ItemDescription: message.Bytes("")},
	})
}

func handleEconomyDataRequest(_ *Region, p *presence, _ *message.EconomyDataRequest) {
	p.sendReliable(&message.EconomyData{InfoBlock: message.EconomyDataInfo{
		ObjectCapacity: 15000, PriceEnergyUnit: 100, PriceParcelClaim: 1, PricePublicObjectDecay: 4,
		PricePublicObjectDelete: 4, PriceParcelClaimFactor: 1, EnergyEfficiency: 1, PriceParcelRent: 1,
		TeleportMinPrice: 2, TeleportPriceExponent: 2,
	}})
}
