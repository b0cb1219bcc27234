package mqtt

import "github.com/mochi-mqtt/server/v2/packets"

// takeWill takes the last will out of a CONNECT packet. The broker refuses one that
// is to be retained, which means as little here as it does for other messages, and
// one without words. What is wrong with it is left to the broker to refuse, and so
// is a second CONNECT packet.
func (s *session) takeWill(c *packets.ConnectParams) {
	s.mu.Lock()
	known := s.client != nil
	s.mu.Unlock()
	if known || !c.WillFlag || c.WillQos > 2 || c.WillTopic == "" {
		return
	}
	s.will = &packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: c.WillQos},
		TopicName:   c.WillTopic,
		Payload:     c.WillPayload,
		Properties: packets.Properties{
			ResponseTopic:   c.WillProperties.ResponseTopic,
			CorrelationData: c.WillProperties.CorrelationData,
		},
	}
	c.WillFlag, c.WillRetain = false, false
	c.WillTopic, c.WillPayload = "", nil
}
