package circuit

// Throttle limits what a circuit sends, in bits per second by category; 0 is
// no limit. A simulator sets what the agent asks for with AgentThrottle.
type Throttle struct {
	Resend, Land, Wind, Cloud, Task, Texture, Asset float32
}

// ParseThrottle reads the payload of AgentThrottle: seven F32, little-endian,
// in the order of the fields of Throttle.
func ParseThrottle(b []byte) (Throttle, error) { panic("TODO") }

// Encode writes the payload of AgentThrottle.
func (t Throttle) Encode() []byte { panic("TODO") }
