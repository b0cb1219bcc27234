package caps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrNotGranted means that the region did not grant a capability: it does not
// have the feature.
var ErrNotGranted = errors.New("the region does not offer this capability")

// A Set holds the addresses of granted capabilities by name. An address is a
// secret: whoever has it acts as the agent.
type Set map[string]string

// URL returns the address of the named capability, or an error that wraps ErrNotGranted.
func (s Set) URL(name string) (string, error) {
	if u := s[name]; u != "" {
		return u, nil
	}
	return "", fmt.Errorf("%s: %w", name, ErrNotGranted)
}

// Has reports whether the named capability was granted.
func (s Set) Has(name string) bool { return s[name] != "" }

// Names returns the granted capabilities in alphabetical order.
func (s Set) Names() []string { return slices.Sorted(maps.Keys(s)) }

// Capabilities that this package itself knows.
const (
	NameEventQueue        = "EventQueueGet"
	NameSimulatorFeatures = "SimulatorFeatures"
)

// DefaultNames are the capabilities that an agent asks a region for. Regions
// grant what they have and are silent about the rest.
var DefaultNames = []string{
	// region and circuit
	NameEventQueue, NameSimulatorFeatures, "UntrustedSimulatorMessage", "ServerReleaseNotes", "ViewerStats", "InterestList",
	"DispatchRegionInfo", "EstateAccess", "EstateChangeInfo", "EnvironmentSettings", "ExtEnvironment", "RegionObjects",
	"RegionSchedule", "SimConsoleAsync", "ProductInfoRequest", "ModifyRegion",
	// talk
	"ChatSessionRequest", "ReadOfflineMsgs", "SendPostcard", "SendUserReport", "SendUserReportWithScreenshot", "AbuseCategories",
	"AcceptFriendship", "DeclineFriendship", "ParcelVoiceInfoRequest", "ProvisionVoiceAccountRequest", "VoiceSignalingRequest",
	// agent
	"AgentPreferences", "AgentProfile", "AgentState", "UpdateAgentInformation", "UpdateAgentLanguage", "UserInfo", "HomeLocation",
	"AvatarPickerSearch", "GetDisplayNames", "SetDisplayName", "AvatarRenderInfo", "AttachmentResources", "UploadAgentProfileImage",
	"UpdateAvatarAppearance", "IncrementCOFVersion", "UploadBakedTexture",
	// groups
	"GroupMemberData", "GroupAPIv1", "GroupProposalBallot", "StartGroupProposal", "AcceptGroupInvite", "DeclineGroupInvite",
	// inventory
	"FetchInventory2", "FetchInventoryDescendents2", "FetchLib2", "FetchLibDescendents2", "InventoryAPIv3", "LibraryAPIv3",
	"CreateInventoryCategory", "CopyInventoryFromNotecard", "InventoryThumbnailUpload", "DirectDelivery",
	// assets
	"ViewerAsset", "GetAsset", "GetTexture", "GetMesh", "GetMesh2", "NewFileAgentInventory", "NewFileAgentInventoryVariablePrice", "MeshUploadFlag",
	"UpdateNotecardAgentInventory", "UpdateNotecardTaskInventory", "UpdateScriptAgent", "UpdateScriptTask",
	"UpdateGestureAgentInventory", "UpdateGestureTaskInventory", "UpdateSettingsAgentInventory", "UpdateSettingsTaskInventory",
	"UpdateMaterialAgentInventory", "UpdateMaterialTaskInventory", "UploadObjectAsset",
	// objects
	"ObjectAdd", "ObjectAnimation", "ObjectMedia", "ObjectMediaNavigate", "GetObjectCost", "GetObjectPhysicsData",
	"ResourceCostSelected", "RenderMaterials", "ModifyMaterialParams",
	// land and map
	"ParcelPropertiesUpdate", "RemoteParcelRequest", "LandResources", "MapLayer", "MapLayerGod", "MapImageService",
	"CreateLandmarkForPosition", "ViewerStartAuction", "SearchStatRequest", "SearchStatTracking", "PlacesQuery",
	// navigation mesh
	"NavMeshGenerationStatus", "ObjectNavMeshProperties", "TerrainNavMeshProperties", "CharacterProperties", "RetrieveNavMeshSrc",
	// experiences
	"AgentExperiences", "ExperiencePreferences", "ExperienceQuery", "FindExperienceByName", "GetAdminExperiences", "GetCreatorExperiences",
	"GetExperienceInfo", "GetExperiences", "GetMetadata", "GroupExperiences", "IsExperienceAdmin", "IsExperienceContributor",
	"RegionExperiences", "UpdateExperience",
}
