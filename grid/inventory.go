package grid

// AssetType says what an inventory item holds, or what a folder is the default
// folder of. The names are those that scripts use.
type AssetType int8

// The asset types that inventories know.
const (
	AssetUnknown     AssetType = -1
	AssetTexture     AssetType = 0
	AssetSound       AssetType = 1
	AssetCallingCard AssetType = 2
	AssetLandmark    AssetType = 3
	AssetClothing    AssetType = 5
	AssetObject      AssetType = 6
	AssetNotecard    AssetType = 7
	AssetFolder      AssetType = 8 // a folder; as the type of a folder the root
	AssetLSLText     AssetType = 10
	AssetLSLBytecode AssetType = 11
	AssetTextureTGA  AssetType = 12
	AssetBodypart    AssetType = 13
	AssetTrash       AssetType = 14
	AssetSnapshot    AssetType = 15
	AssetLostFound   AssetType = 16
	AssetSoundWAV    AssetType = 17
	AssetImageTGA    AssetType = 18
	AssetImageJPEG   AssetType = 19
	AssetAnimation   AssetType = 20
	AssetGesture     AssetType = 21
	AssetSimstate    AssetType = 22
	AssetLink        AssetType = 24
	AssetLinkFolder  AssetType = 25
	AssetMesh        AssetType = 49
	AssetSettings    AssetType = 56
	AssetMaterial    AssetType = 57
)

var assetTypeNames = names[AssetType]{
	{AssetUnknown, "Unknown"},
	{AssetTexture, "Texture"},
	{AssetSound, "Sound"},
	{AssetCallingCard, "CallingCard"},
	{AssetLandmark, "Landmark"},
	{AssetClothing, "Clothing"},
	{AssetObject, "Object"},
	{AssetNotecard, "Notecard"},
	{AssetFolder, "Folder"},
	{AssetLSLText, "LSLText"},
	{AssetLSLBytecode, "LSLBytecode"},
	{AssetTextureTGA, "TextureTGA"},
	{AssetBodypart, "Bodypart"},
	{AssetTrash, "TrashFolder"},
	{AssetSnapshot, "SnapshotFolder"},
	{AssetLostFound, "LostAndFoundFolder"},
	{AssetSoundWAV, "SoundWAV"},
	{AssetImageTGA, "ImageTGA"},
	{AssetImageJPEG, "ImageJPEG"},
	{AssetAnimation, "Animation"},
	{AssetGesture, "Gesture"},
	{AssetSimstate, "Simstate"},
	{AssetLink, "Link"},
	{AssetLinkFolder, "LinkFolder"},
	{AssetMesh, "Mesh"},
	{AssetSettings, "Settings"},
	{AssetMaterial, "Material"},
}

// String returns the name, or the number of an unknown type.
func (t AssetType) String() string { return assetTypeNames.text(t) }

// OfferBucket is what an inventory offer carries beside its words: the type of
// what is offered and, when an avatar offers it, the item's id in the inventory
// of who is offered it.
type OfferBucket struct {
	Type AssetType
	Item UUID
}

// AppendOfferBucket writes the binary bucket of an InventoryOffered message.
func AppendOfferBucket(dst []byte, b OfferBucket) []byte {
	return append(append(dst, byte(b.Type)), b.Item[:]...)
}

// ParseOfferBucket reads the binary bucket of an offer: of 17 bytes from an
// avatar, of one byte from an object. Longer ones, of folders with their
// contents, begin with the folder.
func ParseOfferBucket(bucket []byte) (b OfferBucket, ok bool) {
	if len(bucket) == 0 {
		return OfferBucket{Type: AssetUnknown}, false
	}
	b.Type = AssetType(bucket[0])
	if len(bucket) >= 17 {
		copy(b.Item[:], bucket[1:17])
	}
	return b, true
}
