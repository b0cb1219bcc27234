package grid

// ChatType says how far a line of local chat carries, or what it is.
// The names are those that scripts use (Whisper, Normal, Shout, …).
type ChatType uint8

// The chat types of ChatFromViewer and ChatFromSimulator.
const (
	ChatWhisper     ChatType = 0 // carries 10 m
	ChatNormal      ChatType = 1 // carries 20 m
	ChatShout       ChatType = 2 // carries 100 m
	ChatStartTyping ChatType = 4 // no text: the speaker began to type
	ChatStopTyping  ChatType = 5 // no text: the speaker stopped typing
	ChatDebug       ChatType = 6 // script errors
	ChatRegionSay   ChatType = 7 // carries everywhere in the region; never on channel 0
	ChatOwnerSay    ChatType = 8 // from an object to its owner only
	ChatRegionSayTo ChatType = 9 // from an object to one avatar or object
)

var chatTypeNames = names[ChatType]{
	{ChatWhisper, "Whisper"},
	{ChatNormal, "Normal"},
	{ChatShout, "Shout"},
	{ChatStartTyping, "StartTyping"},
	{ChatStopTyping, "StopTyping"},
	{ChatDebug, "Debug"},
	{ChatRegionSay, "RegionSay"},
	{ChatOwnerSay, "OwnerSay"},
	{ChatRegionSayTo, "RegionSayTo"},
}

// String returns the name, or the number of an unknown type.
func (t ChatType) String() string { return chatTypeNames.text(t) }

// ParseChatType finds a chat type by its exact name, or by its name in any
// case when that is unambiguous.
func ParseChatType(s string) (ChatType, bool) { return chatTypeNames.parse(s) }

// ChatTypes lists all chat types, lowest number first.
func ChatTypes() []ChatType { return chatTypeNames.all() }

// ChatSource says what kind of thing spoke.
type ChatSource uint8

// The kinds of speakers.
const (
	ChatSourceSystem ChatSource = 0
	ChatSourceAgent  ChatSource = 1
	ChatSourceObject ChatSource = 2
)

var chatSourceNames = names[ChatSource]{
	{ChatSourceSystem, "System"},
	{ChatSourceAgent, "Agent"},
	{ChatSourceObject, "Object"},
}

// String returns System, Agent or Object, or the number of an unknown kind.
func (s ChatSource) String() string { return chatSourceNames.text(s) }

// ChatAudible says how well the listener hears a line of chat.
type ChatAudible int8

// The levels of hearing; on the wire one byte, in two's complement.
const (
	ChatAudibleNot    ChatAudible = -1 // out of range
	ChatAudibleBarely ChatAudible = 0  // within twice the range
	ChatAudibleFully  ChatAudible = 1  // within range
)

var chatAudibleNames = names[ChatAudible]{
	{ChatAudibleNot, "Not"},
	{ChatAudibleBarely, "Barely"},
	{ChatAudibleFully, "Fully"},
}

// String returns Not, Barely or Fully, or the number of an unknown level.
func (a ChatAudible) String() string { return chatAudibleNames.text(a) }

// ChatRange returns how many metres chat of type t carries, and false when it
// carries through the whole region or has no range of its own.
func ChatRange(t ChatType) (metres float32, ok bool) {
	switch t {
	case ChatWhisper:
		return 10, true
	case ChatNormal, ChatStartTyping, ChatStopTyping:
		return 20, true
	case ChatShout:
		return 100, true
	}
	return 0, false
}

// ChatLimit is the longest chat or instant message in bytes, without the
// closing NUL, that Second Life accepts; OpenSimulator cuts at about the same.
const ChatLimit = 1023
