package script

// Errors with Corrade's numbers and texts. Its spelling is kept in the texts,
// which scripts compare, and mended in the names.
var (
	ErrOnlyAvailableWhenRunningAsAService           = &Error{35641, "only available when running as a service"}
	ErrCouldNotJoinGroup                            = &Error{35392, "could not join group"}
	ErrCouldNotLeaveGroup                           = &Error{20900, "could not leave group"}
	ErrAgentNotFound                                = &Error{57961, "agent not found"}
	ErrGroupNotFound                                = &Error{28002, "group not found"}
	ErrAlreadyInGroup                               = &Error{15345, "already in group"}
	ErrNotInGroup                                   = &Error{11502, "not in group"}
	ErrRoleNotFound                                 = &Error{32472, "role not found"}
	ErrCommandNotFound                              = &Error{8653, "command not found"}
	ErrCouldNotEjectAgent                           = &Error{14634, "could not eject agent"}
	ErrNoGroupPowerForCommand                       = &Error{30473, "no group power for command"}
	ErrCannotEjectOwners                            = &Error{27605, "cannot eject owners"}
	ErrInventoryItemNotFound                        = &Error{25984, "inventory item not found"}
	ErrInvalidAmount                                = &Error{43982, "invalid amount"}
	ErrInsufficientFunds                            = &Error{2169, "insufficient funds"}
	ErrInvalidPayTarget                             = &Error{47624, "invalid pay target"}
	ErrTeleportFailed                               = &Error{32164, "teleport failed"}
	ErrPrimitiveNotFound                            = &Error{22693, "primitive not found"}
	ErrCouldNotSit                                  = &Error{28613, "could not sit"}
	ErrNoCorradePermissions                         = &Error{48467, "no Corrade permissions"}
	ErrCouldNotCreateGroup                          = &Error{54214, "could not create group"}
	ErrCouldNotCreateRole                           = &Error{11287, "could not create role"}
	ErrNoRoleNameSpecified                          = &Error{12758, "no role name specified"}
	ErrTimeoutGettingGroupRolesMembers              = &Error{34084, "timeout getting group roles members"}
	ErrTimeoutGettingGroupRoles                     = &Error{11050, "timeout getting group roles"}
	ErrTimeoutGettingRolePowers                     = &Error{39016, "timeout getting role powers"}
	ErrCouldNotFindParcel                           = &Error{64390, "could not find parcel"}
	ErrUnableToSetHome                              = &Error{17019, "unable to set home"}
	ErrUnableToGoHome                               = &Error{31493, "unable to go home"}
	ErrTimeoutGettingProfile                        = &Error{32923, "timeout getting profile"}
	ErrTypeCanOnlyBeVoiceOrText                     = &Error{36068, "type can only be voice or text"}
	ErrAgentNotInGroup                              = &Error{19862, "agent not in group"}
	ErrEmptyAttachments                             = &Error{29345, "empty attachments"}
	ErrEmptyPickName                                = &Error{48899, "empty pick name"}
	ErrUnableToJoinGroupChat                        = &Error{22733, "unable to join group chat"}
	ErrInvalidPosition                              = &Error{59524, "invalid position"}
	ErrCouldNotFindTitle                            = &Error{2707, "could not find title"}
	ErrFlyActionCanOnlyBeStartOrStop                = &Error{43713, "fly action can only be start or stop"}
	ErrInvalidProposalText                          = &Error{64868, "invalid proposal text"}
	ErrInvalidProposalQuorum                        = &Error{3098, "invalid proposal quorum"}
	ErrInvalidProposalMajority                      = &Error{41810, "invalid proposal majority"}
	ErrInvalidProposalDuration                      = &Error{7628, "invalid proposal duration"}
	ErrInvalidMuteTarget                            = &Error{64123, "invalid mute target"}
	ErrUnknownAction                                = &Error{59526, "unknown action"}
	ErrNoDatabaseFileConfigured                     = &Error{28087, "no database file configured"}
	ErrCannotRemoveOwnerRole                        = &Error{1253, "cannot remove owner role"}
	ErrCannotRemoveUserFromOwnerRole                = &Error{47808, "cannot remove user from owner role"}
	ErrTimeoutGettingPicks                          = &Error{47469, "timeout getting picks"}
	ErrMaximumNumberOfRolesExceeded                 = &Error{41256, "maximum number of roles exceeded"}
	ErrCannotDeleteAGroupMemberFromTheEveryoneRole  = &Error{40908, "cannot delete a group member from the everyone role"}
	ErrGroupMembersAreByDefaultInTheEveryoneRole    = &Error{458, "group members are by default in the everyone role"}
	ErrCannotDeleteTheEveryoneRole                  = &Error{33413, "cannot delete the everyone role"}
	ErrInvalidURLProvided                           = &Error{65303, "invalid url provided"}
	ErrInvalidNotificationTypes                     = &Error{65327, "invalid notification types"}
	ErrNotificationNotAllowed                       = &Error{49640, "notification not allowed"}
	ErrUnknownDirectorySearchType                   = &Error{44447, "unknown directory search type"}
	ErrNoSearchTextProvided                         = &Error{65101, "no search text provided"}
	ErrUnknownRestartAction                         = &Error{14337, "unknown restart action"}
	ErrUnknownMoveAction                            = &Error{28429, "unknown move action"}
	ErrTimeoutGettingTopScripts                     = &Error{20541, "timeout getting top scripts"}
	ErrTimeoutGettingTopColliders                   = &Error{47172, "timeout getting top colliders"}
	ErrUnknownTopType                               = &Error{41676, "unknown top type"}
	ErrUnknownEstateListAction                      = &Error{25897, "unknown estate list action"}
	ErrUnknownEstateList                            = &Error{46990, "unknown estate list"}
	ErrNoItemSpecified                              = &Error{43156, "no item specified"}
	ErrUnknownAnimationAction                       = &Error{9348, "unknown animation action"}
	ErrNoChannelSpecified                           = &Error{42216, "no channel specified"}
	ErrNoButtonIndexSpecified                       = &Error{31049, "no button index specified"}
	ErrNoLabelOrIndexSpecified                      = &Error{38931, "no label or index specified"}
	ErrNoLandRights                                 = &Error{19059, "no land rights"}
	ErrUnknownEntity                                = &Error{61113, "unknown entity"}
	ErrInvalidRotation                              = &Error{58183, "invalid rotation"}
	ErrCouldNotSetScriptState                       = &Error{45364, "could not set script state"}
	ErrItemIsNotAScript                             = &Error{50218, "item is not a script"}
	ErrFailedToGetDisplayName                       = &Error{49722, "failed to get display name"}
	ErrNoNameProvided                               = &Error{40665, "no name provided"}
	ErrCouldNotSetDisplayName                       = &Error{35198, "could not set display name"}
	ErrTimeoutJoiningGroup                          = &Error{63713, "timeout joining group"}
	ErrTimeoutCreatingGroup                         = &Error{32404, "timeout creating group"}
	ErrTimeoutEjectingAgent                         = &Error{616, "timeout ejecting agent"}
	ErrTimeoutGettingGroupRoleMembers               = &Error{25426, "timeout getting group role members"}
	ErrTimeoutLeavingGroup                          = &Error{31237, "timeout leaving group"}
	ErrTimeoutDuringTeleport                        = &Error{43780, "timeout during teleport"}
	ErrTimeoutRequestingSit                         = &Error{46316, "timeout requesting sit"}
	ErrTimeoutGettingLandUsers                      = &Error{9111, "timeout getting land users"}
	ErrTimeoutGettingScriptState                    = &Error{23364, "timeout getting script state"}
	ErrTimeoutUpdatingMuteList                      = &Error{26393, "timeout updating mute list"}
	ErrTimeoutGettingParcels                        = &Error{32362, "timeout getting parcels"}
	ErrEmptyClassifiedName                          = &Error{46942, "empty classified name"}
	ErrInvalidPrice                                 = &Error{38184, "invalid price"}
	ErrTimeoutGettingClassifieds                    = &Error{59103, "timeout getting classifieds"}
	ErrCouldNotFindClassified                       = &Error{8241, "could not find classified"}
	ErrInvalidDays                                  = &Error{53947, "invalid days"}
	ErrInvalidInterval                              = &Error{18490, "invalid interval"}
	ErrTimeoutGettingGroupAccountSummary            = &Error{53829, "timeout getting group account summary"}
	ErrFriendNotFound                               = &Error{30207, "friend not found"}
	ErrTheAgentAlreadyIsAFriend                     = &Error{32366, "the agent already is a friend"}
	ErrFriendshipOfferNotFound                      = &Error{4797, "friendship offer not found"}
	ErrFriendDoesNotAllowMapping                    = &Error{65003, "friend does not allow mapping"}
	ErrTimeoutMappingFriend                         = &Error{10691, "timeout mapping friend"}
	ErrFriendOffline                                = &Error{23309, "friend offline"}
	ErrTimeoutGettingRegion                         = &Error{34964, "timeout getting region"}
	ErrRegionNotFound                               = &Error{35447, "region not found"}
	ErrNoMapItemsFound                              = &Error{337, "no map items found"}
	ErrNoDescriptionProvided                        = &Error{53549, "no description provided"}
	ErrNoFolderSpecified                            = &Error{43983, "no folder specified"}
	ErrEmptyWearables                               = &Error{29512, "empty wearables"}
	ErrParcelNotForSale                             = &Error{35316, "parcel not for sale"}
	ErrUnknownAccessListType                        = &Error{42051, "unknown access list type"}
	ErrNoTaskSpecified                              = &Error{29438, "no task specified"}
	ErrTimeoutGettingGroupMembers                   = &Error{37470, "timeout getting group members"}
	ErrGroupNotOpen                                 = &Error{24939, "group not open"}
	ErrTimeoutDownloadingTerrain                    = &Error{30384, "timeout downloading terrain"}
	ErrTimeoutUploadingTerrain                      = &Error{57005, "timeout uploading terrain"}
	ErrEmptyTerrainData                             = &Error{16667, "empty terrain data"}
	ErrTheSpecifiedFolderContainsNoEquipableItems   = &Error{34749, "the specified folder contains no equipable items"}
	ErrInventoryOfferNotFound                       = &Error{42249, "inventory offer not found"}
	ErrNoSessionSpecified                           = &Error{23805, "no session specified"}
	ErrFolderNotFound                               = &Error{61018, "folder not found"}
	ErrTimeoutCreatingItem                          = &Error{37211, "timeout creating item"}
	ErrTimeoutUploadingItem                         = &Error{9541, "timeout uploading item"}
	ErrUnableToUploadItem                           = &Error{36684, "unable to upload item"}
	ErrUnableToCreateItem                           = &Error{5034, "unable to create item"}
	ErrTimeoutUploadingItemData                     = &Error{44397, "timeout uploading item data"}
	ErrUnableToUploadItemData                       = &Error{12320, "unable to upload item data"}
	ErrUnknownDirection                             = &Error{55979, "unknown direction"}
	ErrTimeoutRequestingToSetHome                   = &Error{22576, "timeout requesting to set home"}
	ErrTimeoutTransferringAsset                     = &Error{7255, "timeout transferring asset"}
	ErrAssetUploadFailed                            = &Error{60269, "asset upload failed"}
	ErrFailedToDownloadAsset                        = &Error{57085, "failed to download asset"}
	ErrUnknownAssetType                             = &Error{60025, "unknown asset type"}
	ErrInvalidAssetData                             = &Error{59048, "invalid asset data"}
	ErrUnknownWearableType                          = &Error{32709, "unknown wearable type"}
	ErrUnknownInventoryType                         = &Error{6097, "unknown inventory type"}
	ErrCouldNotCompileRegularExpression             = &Error{64698, "could not compile regular expression"}
	ErrNoPatternProvided                            = &Error{18680, "no pattern provided"}
	ErrNoExecutableFileProvided                     = &Error{11910, "no executable file provided"}
	ErrTimeoutWaitingForExecution                   = &Error{31381, "timeout waiting for execution"}
	ErrGroupInviteNotFound                          = &Error{4541, "group invite not found"}
	ErrUnableToObtainMoneyBalance                   = &Error{38125, "unable to obtain money balance"}
	ErrTimeoutGettingAvatarData                     = &Error{20048, "timeout getting avatar data"}
	ErrTimeoutRetrievingEstateList                  = &Error{13712, "timeout retrieving estate list"}
	ErrDestinationTooClose                          = &Error{37559, "destination too close"}
	ErrTimeoutGettingGroupTitles                    = &Error{11229, "timeout getting group titles"}
	ErrNoMessageProvided                            = &Error{47101, "no message provided"}
	ErrCouldNotRemoveSIMLPackageFile                = &Error{4075, "could not remove SIML package file"}
	ErrUnknownEffect                                = &Error{54456, "unknown effect"}
	ErrNoEffectUUIDProvided                         = &Error{48775, "no effect UUID provided"}
	ErrEffectNotFound                               = &Error{38858, "effect not found"}
	ErrInvalidViewerEffect                          = &Error{16572, "invalid viewer effect"}
	ErrAmbiguousPath                                = &Error{19011, "ambiguous path"}
	ErrPathNotFound                                 = &Error{53066, "path not found"}
	ErrUnexpectedItemInPath                         = &Error{13857, "unexpected item in path"}
	ErrNoPathProvided                               = &Error{59282, "no path provided"}
	ErrUnableToCreateFolder                         = &Error{26623, "unable to create folder"}
	ErrNoPermissionsProvided                        = &Error{28866, "no permissions provided"}
	ErrSettingPermissionsFailed                     = &Error{43615, "setting permissions failed"}
	ErrExpectedItemAsSource                         = &Error{39391, "expected item as source"}
	ErrExpectedFolderAsTarget                       = &Error{22655, "expected folder as target"}
	ErrUnableToLoadConfiguration                    = &Error{63024, "unable to load configuration"}
	ErrUnableToSaveConfiguration                    = &Error{33564, "unable to save configuration"}
	ErrInvalidXMLPath                               = &Error{20901, "invalid xml path"}
	ErrNoDataProvided                               = &Error{3638, "no data provided"}
	ErrUnknownImageFormatRequested                  = &Error{42903, "unknown image format requested"}
	ErrUnknownImageFormatProvided                   = &Error{2380, "unknown image format provided"}
	ErrUnableToDecodeAssetData                      = &Error{4994, "unable to decode asset data"}
	ErrUnableToConvertToRequestedFormat             = &Error{61067, "unable to convert to requested format"}
	ErrCouldNotStartProcess                         = &Error{8411, "could not start process"}
	ErrObjectNotFound                               = &Error{22737, "object not found"}
	ErrTimeoutMeshingObject                         = &Error{19143, "timeout meshmerizing object"}
	ErrCouldNotGetPrimitiveProperties               = &Error{37841, "could not get primitive properties"}
	ErrAvatarNotInRange                             = &Error{54854, "avatar not in range"}
	ErrInvalidScale                                 = &Error{3475, "invalid scale"}
	ErrCouldNotGetCurrentGroups                     = &Error{30129, "could not get current groups"}
	ErrMaximumNumberOfGroupsReached                 = &Error{39613, "maximum number of groups reached"}
	ErrUnknownSyntaxType                            = &Error{43003, "unknown syntax type"}
	ErrTooManyCharactersForGroupName                = &Error{13053, "too many characters for group name"}
	ErrTooManyCharactersForGroupTitle               = &Error{19325, "too many characters for group title"}
	ErrTooManyCharactersForNoticeMessage            = &Error{26178, "too many characters for notice message"}
	ErrNotecardMessageBodyTooLarge                  = &Error{35277, "notecard message body too large"}
	ErrTooManyOrTooFewCharactersForDisplayName      = &Error{47571, "too many or too few characters for display name"}
	ErrNameTooLarge                                 = &Error{30293, "name too large"}
	ErrPositionWouldExceedMaximumRezAltitude        = &Error{60515, "position would exceed maximum rez altitude"}
	ErrDescriptionTooLarge                          = &Error{43683, "description too large"}
	ErrScaleWouldExceedBuildingConstraints          = &Error{54154, "scale would exceed building constraints"}
	ErrAttachmentsWouldExceedMaximumAttachmentLimit = &Error{29745, "attachments would exceed maximum attachment limit"}
	ErrTooManyOrTooFewCharactersInMessage           = &Error{52299, "too many or too few characters in message"}
	ErrMaximumBanListLengthReached                  = &Error{50593, "maximum ban list length reached"}
	ErrMaximumGroupListLengthReached                = &Error{9935, "maximum group list length reached"}
	ErrMaximumUserListLengthReached                 = &Error{42536, "maximum user list length reached"}
	ErrMaximumManagerListLengthReached              = &Error{28625, "maximum manager list length reached"}
	ErrAutoReturnTimeOutsideLimitRange              = &Error{28126, "auto return time outside limit range"}
	ErrSecondLifeTextTooLarge                       = &Error{56379, "second life text too large"}
	ErrFirstLifeTextTooLarge                        = &Error{9924, "first life text too large"}
	ErrMaximumAmountOfPicksReached                  = &Error{50405, "maximum amount of picks reached"}
	ErrDescriptionWouldExceedMaximumSize            = &Error{17894, "description would exceed maximum size"}
	ErrMaximumAmountOfClassifiedsReached            = &Error{28247, "maximum amount of classifieds reached"}
	ErrTimeoutChangingLinks                         = &Error{38609, "timeout changing links"}
	ErrLinkWouldExceedMaximumLinkLimit              = &Error{45074, "link would exceed maximum link limit"}
	ErrInvalidNumberOfItemsSpecified                = &Error{40773, "invalid number of items specified"}
	ErrTimeoutRequestingPrice                       = &Error{52751, "timeout requesting price"}
	ErrPrimitiveNotForSale                          = &Error{1536, "primitive not for sale"}
	ErrTeleportThrottled                            = &Error{36123, "teleport throttled"}
	ErrDialogButtonNotFound                         = &Error{6617, "dialog button not found"}
	ErrUnknownTreeType                              = &Error{8842, "unknown tree type"}
	ErrInvalidTextureCoordinates                    = &Error{62130, "invalid texture coordinates"}
	ErrInvalidSurfaceCoordinates                    = &Error{10945, "invalid surface coordinates"}
	ErrInvalidNormalVector                          = &Error{28487, "invalid normal vector"}
	ErrInvalidBinormalVector                        = &Error{13296, "invalid binormal vector"}
	ErrPrimitivesNotInSameRegion                    = &Error{44554, "primitives not in same region"}
	ErrInvalidFaceSpecified                         = &Error{38798, "invalid face specified"}
	ErrInvalidStatusSupplied                        = &Error{61473, "invalid status supplied"}
	ErrStatusNotFound                               = &Error{13764, "status not found"}
	ErrNoDescriptionForStatus                       = &Error{30556, "no description for status"}
	ErrUnknownGrassType                             = &Error{64368, "unknown grass type"}
	ErrUnknownMaterialType                          = &Error{53274, "unknown material type"}
	ErrCouldNotRetrieveObjectMedia                  = &Error{18463, "could not retrieve object media"}
	ErrNoAvatarsToBanOrUnban                        = &Error{2193, "no avatars to ban or unban"}
	ErrCouldNotRetrieveGroupBanList                 = &Error{45568, "could not retrieve broup ban list"}
	ErrTimeoutRetrievingGroupBanList                = &Error{15719, "timeout retrieving group ban list"}
	ErrTimeoutModifyingGroupBanList                 = &Error{26749, "timeout modifying group ban list"}
	ErrMuteEntryNotFound                            = &Error{26715, "mute entry not found"}
	ErrNoNameOrUUIDProvided                         = &Error{51086, "no name or UUID provided"}
	ErrCouldNotRetrieveMuteList                     = &Error{16450, "could not retrieve mute list"}
	ErrMuteEntryAlreadyExists                       = &Error{39647, "mute entry already exists"}
	ErrTimeoutReachingDestination                   = &Error{39787, "timeout reaching destination"}
	ErrGroupSchedulesExceeded                       = &Error{10776, "group schedules exceeded"}
	ErrNoIndexProvided                              = &Error{36896, "no index provided"}
	ErrNoScheduleFound                              = &Error{56094, "no schedule found"}
	ErrUnknownDateTimeStamp                         = &Error{41612, "unknown date time stamp"}
	ErrNoPermissionsForItem                         = &Error{7457, "no permissions for item"}
	ErrTimeoutRetrievingEstateCovenant              = &Error{10374, "timeout retrieving estate covenant"}
	ErrNoTerraformActionSpecified                   = &Error{56901, "no terraform action specified"}
	ErrNoTerraformBrushSpecified                    = &Error{41211, "no terraform brush specified"}
	ErrInvalidHeight                                = &Error{63486, "invalid height"}
	ErrInvalidWidth                                 = &Error{20547, "invalid width"}
	ErrInvalidTerraformAction                       = &Error{28891, "invalid terraform action"}
	ErrInvalidTerraformBrush                        = &Error{41190, "invalid terraform brush"}
	ErrCouldNotTerraform                            = &Error{58619, "could not terraform"}
	ErrTimeoutWaitingForDisplayName                 = &Error{38289, "timeout waiting for display name"}
	ErrScriptPermissionRequestNotFound              = &Error{51050, "script permission request not found"}
	ErrTeleportLureNotFound                         = &Error{60073, "teleport lure not found"}
	ErrUnableToSaveCorradeConfiguration             = &Error{42248, "unable to save Corrade configuration"}
	ErrTimeoutRetrievingGroupNotices                = &Error{26356, "timeout retrieving group notices"}
	ErrTimeoutRetrievingNotice                      = &Error{42798, "timeout retrieving notice"}
	ErrNoNoticeFound                                = &Error{6330, "no notice found"}
	ErrNoticeDoesNotContainAttachment               = &Error{20303, "notice does not contain attachment"}
	ErrFailedToReadLogFile                          = &Error{10522, "failed to read log file"}
	ErrEffectUUIDBelongsToDifferentEffect           = &Error{62646, "effect UUID belongs to different effect"}
	ErrNoSQLStringProvided                          = &Error{25252, "no SQL string provided"}
	ErrInvalidAngleProvided                         = &Error{45173, "invalid angle provided"}
	ErrCouldNotGetParcelInfoData                    = &Error{32453, "could not get parcel info data"}
	ErrNoTargetSpecified                            = &Error{2188, "no target specified"}
	ErrNoTypeProvided                               = &Error{47350, "no type provided"}
	ErrUnknownSift                                  = &Error{64450, "unknown sift"}
	ErrInvalidFeedProvided                          = &Error{28353, "invalid feed provided"}
	ErrAlreadySubscribedToFeed                      = &Error{34869, "already subscribed to feed"}
	ErrNoConsumerKeyProvided                        = &Error{32157, "no consumer key provided"}
	ErrNoConsumerSecretProvided                     = &Error{40762, "no consumer secret provided"}
	ErrNoAccessTokenProvided                        = &Error{13399, "no access token provided"}
	ErrNoAccessTokenSecretProvided                  = &Error{55091, "no access token secret provided"}
	ErrMessageTooLong                               = &Error{55051, "message too long"}
	ErrCouldNotPostTweet                            = &Error{18672, "could not post tweet"}
	ErrUnableToRetrieveTransactions                 = &Error{25119, "unable to retrieve transactions"}
	ErrUnableToAuthenticate                         = &Error{54668, "unable to authenticate"}
	ErrNoTransactionsFound                          = &Error{40491, "no transactions found"}
	ErrNoSecretProvided                             = &Error{41007, "no secret provided"}
	ErrInvalidDate                                  = &Error{21833, "invalid date"}
	ErrUnableToReachEventsPage                      = &Error{33381, "unable to reach events page"}
	ErrUnableToAgreeToToS                           = &Error{54450, "unable to agree to ToS"}
	ErrUnableToPostEvent                            = &Error{1691, "unable to post event"}
	ErrUnableToGetEventIdentifier                   = &Error{44059, "unable to get event identifier"}
	ErrNoTimeProvided                               = &Error{63915, "no time provided"}
	ErrNoDurationProvided                           = &Error{57196, "no duration provided"}
	ErrNoDateProvided                               = &Error{63597, "no date provided"}
	ErrNoCategoryProvided                           = &Error{25003, "no category provided"}
	ErrNoLocationProvided                           = &Error{21718, "no location provided"}
	ErrUnableToDeleteEvent                          = &Error{23926, "unable to delete event"}
	ErrNoEventIdentifierProvided                    = &Error{8339, "no event identifier provided"}
	ErrUnableToRetrieveFormParameters               = &Error{33994, "unable to retrieve form parameters"}
	ErrTooManyCharactersForEventDescription         = &Error{53494, "too many characters for event description"}
	ErrNameMayNotContainHTML                        = &Error{58751, "name may not contain HTML"}
	ErrDescriptionMayNotContainHTML                 = &Error{54528, "description may not contain HTML"}
	ErrEventPostingRejected                         = &Error{21743, "event posting rejected"}
	ErrUnableToRevokeProposal                       = &Error{43671, "unable to revoke proposal"}
	ErrUnableToRejectProposal                       = &Error{50003, "unable to reject proposal"}
	ErrUnableToReachPartnershipPage                 = &Error{56345, "unable to reach partnership page"}
	ErrUnableToPostProposal                         = &Error{303, "unable to post proposal"}
	ErrUnableToAcceptProposal                       = &Error{61983, "unable to accept proposal"}
	ErrTooManyCharactersForProposalMessage          = &Error{31126, "too many characters for proposal message"}
	ErrProposalRejected                             = &Error{34379, "proposal rejected"}
	ErrProposalAlreadySent                          = &Error{43767, "proposal already sent"}
	ErrNoProposalToReject                           = &Error{22119, "no proposal to reject"}
	ErrMessageMayNotContainHTML                     = &Error{21106, "message may not contain HTML"}
	ErrNoPartnerFound                               = &Error{46612, "no partner found"}
	ErrUnableToPostDivorce                          = &Error{41257, "unable to post divorce"}
	ErrUnableToDivorce                              = &Error{58870, "unable to divorce"}
	ErrAgentHasBeenBanned                           = &Error{31267, "agent has been banned"}
	ErrNoEstatePowersForCommand                     = &Error{16927, "no estate powers for command"}
	ErrUnableToWriteFile                            = &Error{21160, "unable to write file"}
	ErrUnableToReadFile                             = &Error{38278, "unable to read file"}
	ErrUnableToRetrieveData                         = &Error{19343, "unable to retrive data"}
	ErrUnableToProcessData                          = &Error{18737, "unable to process data"}
	ErrFailedRezzingRootPrimitive                   = &Error{33047, "failed rezzing root primitive"}
	ErrFailedRezzingChildPrimitive                  = &Error{25329, "failed rezzing child primitive"}
	ErrCouldNotReadXMLFile                          = &Error{29530, "could not read XML file"}
	ErrSIMLNotEnabled                               = &Error{40901, "SIML not enabled"}
	ErrNoAvatarsFound                               = &Error{14989, "no avatars found"}
	ErrTimeoutStartingConference                    = &Error{42351, "timeout starting conference"}
	ErrUnableToStartConference                      = &Error{41969, "unable to start conference"}
	ErrSessionNotFound                              = &Error{43898, "session not found"}
	ErrConferenceMemberNotFound                     = &Error{22786, "conference member not found"}
	ErrCouldNotSendMessage                          = &Error{46804, "could not send message"}
	ErrUnknownMuteType                              = &Error{55110, "unknown mute type"}
	ErrBanWouldExceedMaximumBanListLength           = &Error{13491, "ban would exceed maximum ban list length"}
	ErrAgentIsSoftBanned                            = &Error{32528, "agent is soft banned"}
	ErrPrimitivesAlreadyLinked                      = &Error{5762, "primitives already linked"}
	ErrPrimitivesAreChildrenOfObject                = &Error{64420, "primitives are children of object"}
	ErrPrimitivesAlreadyDelinked                    = &Error{10348, "primitives already delinked"}
	ErrNoPositionProvided                           = &Error{23932, "no position provided"}
	ErrUnknownSoundRequested                        = &Error{1382, "unknwon sound requested"}
	ErrTimeoutGettingFolderContents                 = &Error{64423, "timeout getting folder contents"}
	ErrTransferWouldExceedMaximumCount              = &Error{15964, "transfer would exceed maximum count"}
	ErrInvalidItemType                              = &Error{36616, "invalid item type"}
	ErrNoSourceSpecified                            = &Error{38945, "no source specified"}
	ErrClassifiedNotFound                           = &Error{23716, "classified not found"}
	ErrPickNotFound                                 = &Error{49113, "pick not found"}
	ErrTimeoutGettingProfileClassified              = &Error{22970, "timeout getting profile classified"}
	ErrTimeoutGettingProfilePick                    = &Error{7168, "timeout getting profile pick"}
	ErrCouldNotRetrievePick                         = &Error{11979, "could not retrieve pick"}
	ErrCouldNotRetrieveClassified                   = &Error{25420, "could not retrieve classified"}
	ErrInvalidWorkersProvided                       = &Error{61317, "invalid workers provided"}
	ErrInvalidSchedulesProvided                     = &Error{23570, "invalid schedules provided"}
	ErrGroupNotConfigured                           = &Error{9703, "group not configured"}
	ErrNoDatabasePathProvided                       = &Error{31868, "no database path provided"}
	ErrNoChatlogPathProvided                        = &Error{13030, "no chatlog path provided"}
	ErrGroupAlreadyConfigured                       = &Error{42140, "group already configured"}
	ErrEjectNeedsDemote                             = &Error{15517, "eject needs demote"}
	ErrNoDialogSpecified                            = &Error{1488, "no dialog specified"}
	ErrNoMatchingDialogFound                        = &Error{55394, "no matching dialog found"}
	ErrUnableToSerializePrimitive                   = &Error{64179, "unable to serialize primitive"}
	ErrPlatformNotSupported                         = &Error{58212, "platform not supported"}
	ErrInvalidAsset                                 = &Error{16233, "invalid asset"}
	ErrNucleusServerError                           = &Error{23123, "nucleus server error"}
	ErrTimeoutWaitingForSensor                      = &Error{23114, "timeout waiting for sensor"}
	ErrCouldNotSetAgentAccess                       = &Error{39921, "could not set agent access"}
	ErrUnknownAgentAccess                           = &Error{29947, "unknown agent access"}
	ErrUnknownLanguage                              = &Error{61492, "unknown language"}
	ErrInvalidSecretProvided                        = &Error{38624, "invalid secret provided"}
	ErrCouldNotGetParcelResources                   = &Error{58478, "could not get parcel resources"}
	ErrCouldNotGetLandResources                     = &Error{62531, "could not get land resources"}
	ErrTimeoutGettingParcelList                     = &Error{27910, "timeout getting parcel list"}
	ErrCouldNotUpdateParcelList                     = &Error{53059, "could not update parcel list"}
	ErrNoHistoryFound                               = &Error{48110, "no history found"}
	ErrNoServerProvided                             = &Error{36675, "no server provided"}
	ErrInvalidVersionProvided                       = &Error{2021, "invalid version provided"}
	ErrTimeoutRetrievingEstateInfo                  = &Error{54956, "timeout retrieving estate info"}
	ErrScriptCompilationFailed                      = &Error{38271, "script compilation failed"}
	ErrUnknownUpdateType                            = &Error{1458, "unknown update type"}
	ErrInvalidPermissions                           = &Error{38504, "invalid permissions"}
	ErrTimeoutRezzingPrimitive                      = &Error{41574, "timeout rezzing primitive"}
	ErrNoPeersMatchingContext                       = &Error{54084, "no peers matching context"}
	ErrExecutionReturnedNoResult                    = &Error{32355, "execution returned no result"}
	ErrGroupSynchronizationFailed                   = &Error{12408, "group synchronization failed"}
	ErrUnknownHordeBalancer                         = &Error{44537, "unknown horde balancer"}
	ErrNoFlagsProvided                              = &Error{33717, "no flags provided"}
	ErrSQLExecutionFailed                           = &Error{8169, "SQL execution failed"}
)

// errorTable is every named error, in the order above and then our own.
var errorTable = append([]*Error{
	ErrOnlyAvailableWhenRunningAsAService,
	ErrCouldNotJoinGroup,
	ErrCouldNotLeaveGroup,
	ErrAgentNotFound,
	ErrGroupNotFound,
	ErrAlreadyInGroup,
	ErrNotInGroup,
	ErrRoleNotFound,
	ErrCommandNotFound,
	ErrCouldNotEjectAgent,
	ErrNoGroupPowerForCommand,
	ErrCannotEjectOwners,
	ErrInventoryItemNotFound,
	ErrInvalidAmount,
	ErrInsufficientFunds,
	ErrInvalidPayTarget,
	ErrTeleportFailed,
	ErrPrimitiveNotFound,
	ErrCouldNotSit,
	ErrNoCorradePermissions,
	ErrCouldNotCreateGroup,
	ErrCouldNotCreateRole,
	ErrNoRoleNameSpecified,
	ErrTimeoutGettingGroupRolesMembers,
	ErrTimeoutGettingGroupRoles,
	ErrTimeoutGettingRolePowers,
	ErrCouldNotFindParcel,
	ErrUnableToSetHome,
	ErrUnableToGoHome,
	ErrTimeoutGettingProfile,
	ErrTypeCanOnlyBeVoiceOrText,
	ErrAgentNotInGroup,
	ErrEmptyAttachments,
	ErrEmptyPickName,
	ErrUnableToJoinGroupChat,
	ErrInvalidPosition,
	ErrCouldNotFindTitle,
	ErrFlyActionCanOnlyBeStartOrStop,
	ErrInvalidProposalText,
	ErrInvalidProposalQuorum,
	ErrInvalidProposalMajority,
	ErrInvalidProposalDuration,
	ErrInvalidMuteTarget,
	ErrUnknownAction,
	ErrNoDatabaseFileConfigured,
	ErrCannotRemoveOwnerRole,
	ErrCannotRemoveUserFromOwnerRole,
	ErrTimeoutGettingPicks,
	ErrMaximumNumberOfRolesExceeded,
	ErrCannotDeleteAGroupMemberFromTheEveryoneRole,
	ErrGroupMembersAreByDefaultInTheEveryoneRole,
	ErrCannotDeleteTheEveryoneRole,
	ErrInvalidURLProvided,
	ErrInvalidNotificationTypes,
	ErrNotificationNotAllowed,
	ErrUnknownDirectorySearchType,
	ErrNoSearchTextProvided,
	ErrUnknownRestartAction,
	ErrUnknownMoveAction,
	ErrTimeoutGettingTopScripts,
	ErrTimeoutGettingTopColliders,
	ErrUnknownTopType,
	ErrUnknownEstateListAction,
	ErrUnknownEstateList,
	ErrNoItemSpecified,
	ErrUnknownAnimationAction,
	ErrNoChannelSpecified,
	ErrNoButtonIndexSpecified,
	ErrNoLabelOrIndexSpecified,
	ErrNoLandRights,
	ErrUnknownEntity,
	ErrInvalidRotation,
	ErrCouldNotSetScriptState,
	ErrItemIsNotAScript,
	ErrFailedToGetDisplayName,
	ErrNoNameProvided,
	ErrCouldNotSetDisplayName,
	ErrTimeoutJoiningGroup,
	ErrTimeoutCreatingGroup,
	ErrTimeoutEjectingAgent,
	ErrTimeoutGettingGroupRoleMembers,
	ErrTimeoutLeavingGroup,
	ErrTimeoutDuringTeleport,
	ErrTimeoutRequestingSit,
	ErrTimeoutGettingLandUsers,
	ErrTimeoutGettingScriptState,
	ErrTimeoutUpdatingMuteList,
	ErrTimeoutGettingParcels,
	ErrEmptyClassifiedName,
	ErrInvalidPrice,
	ErrTimeoutGettingClassifieds,
	ErrCouldNotFindClassified,
	ErrInvalidDays,
	ErrInvalidInterval,
	ErrTimeoutGettingGroupAccountSummary,
	ErrFriendNotFound,
	ErrTheAgentAlreadyIsAFriend,
	ErrFriendshipOfferNotFound,
	ErrFriendDoesNotAllowMapping,
	ErrTimeoutMappingFriend,
	ErrFriendOffline,
	ErrTimeoutGettingRegion,
	ErrRegionNotFound,
	ErrNoMapItemsFound,
	ErrNoDescriptionProvided,
	ErrNoFolderSpecified,
	ErrEmptyWearables,
	ErrParcelNotForSale,
	ErrUnknownAccessListType,
	ErrNoTaskSpecified,
	ErrTimeoutGettingGroupMembers,
	ErrGroupNotOpen,
	ErrTimeoutDownloadingTerrain,
	ErrTimeoutUploadingTerrain,
	ErrEmptyTerrainData,
	ErrTheSpecifiedFolderContainsNoEquipableItems,
	ErrInventoryOfferNotFound,
	ErrNoSessionSpecified,
	ErrFolderNotFound,
	ErrTimeoutCreatingItem,
	ErrTimeoutUploadingItem,
	ErrUnableToUploadItem,
	ErrUnableToCreateItem,
	ErrTimeoutUploadingItemData,
	ErrUnableToUploadItemData,
	ErrUnknownDirection,
	ErrTimeoutRequestingToSetHome,
	ErrTimeoutTransferringAsset,
	ErrAssetUploadFailed,
	ErrFailedToDownloadAsset,
	ErrUnknownAssetType,
	ErrInvalidAssetData,
	ErrUnknownWearableType,
	ErrUnknownInventoryType,
	ErrCouldNotCompileRegularExpression,
	ErrNoPatternProvided,
	ErrNoExecutableFileProvided,
	ErrTimeoutWaitingForExecution,
	ErrGroupInviteNotFound,
	ErrUnableToObtainMoneyBalance,
	ErrTimeoutGettingAvatarData,
	ErrTimeoutRetrievingEstateList,
	ErrDestinationTooClose,
	ErrTimeoutGettingGroupTitles,
	ErrNoMessageProvided,
	ErrCouldNotRemoveSIMLPackageFile,
	ErrUnknownEffect,
	ErrNoEffectUUIDProvided,
	ErrEffectNotFound,
	ErrInvalidViewerEffect,
	ErrAmbiguousPath,
	ErrPathNotFound,
	ErrUnexpectedItemInPath,
	ErrNoPathProvided,
	ErrUnableToCreateFolder,
	ErrNoPermissionsProvided,
	ErrSettingPermissionsFailed,
	ErrExpectedItemAsSource,
	ErrExpectedFolderAsTarget,
	ErrUnableToLoadConfiguration,
	ErrUnableToSaveConfiguration,
	ErrInvalidXMLPath,
	ErrNoDataProvided,
	ErrUnknownImageFormatRequested,
	ErrUnknownImageFormatProvided,
	ErrUnableToDecodeAssetData,
	ErrUnableToConvertToRequestedFormat,
	ErrCouldNotStartProcess,
	ErrObjectNotFound,
	ErrTimeoutMeshingObject,
	ErrCouldNotGetPrimitiveProperties,
	ErrAvatarNotInRange,
	ErrInvalidScale,
	ErrCouldNotGetCurrentGroups,
	ErrMaximumNumberOfGroupsReached,
	ErrUnknownSyntaxType,
	ErrTooManyCharactersForGroupName,
	ErrTooManyCharactersForGroupTitle,
	ErrTooManyCharactersForNoticeMessage,
	ErrNotecardMessageBodyTooLarge,
	ErrTooManyOrTooFewCharactersForDisplayName,
	ErrNameTooLarge,
	ErrPositionWouldExceedMaximumRezAltitude,
	ErrDescriptionTooLarge,
	ErrScaleWouldExceedBuildingConstraints,
	ErrAttachmentsWouldExceedMaximumAttachmentLimit,
	ErrTooManyOrTooFewCharactersInMessage,
	ErrMaximumBanListLengthReached,
	ErrMaximumGroupListLengthReached,
	ErrMaximumUserListLengthReached,
	ErrMaximumManagerListLengthReached,
	ErrAutoReturnTimeOutsideLimitRange,
	ErrSecondLifeTextTooLarge,
	ErrFirstLifeTextTooLarge,
	ErrMaximumAmountOfPicksReached,
	ErrDescriptionWouldExceedMaximumSize,
	ErrMaximumAmountOfClassifiedsReached,
	ErrTimeoutChangingLinks,
	ErrLinkWouldExceedMaximumLinkLimit,
	ErrInvalidNumberOfItemsSpecified,
	ErrTimeoutRequestingPrice,
	ErrPrimitiveNotForSale,
	ErrTeleportThrottled,
	ErrDialogButtonNotFound,
	ErrUnknownTreeType,
	ErrInvalidTextureCoordinates,
	ErrInvalidSurfaceCoordinates,
	ErrInvalidNormalVector,
	ErrInvalidBinormalVector,
	ErrPrimitivesNotInSameRegion,
	ErrInvalidFaceSpecified,
	ErrInvalidStatusSupplied,
	ErrStatusNotFound,
	ErrNoDescriptionForStatus,
	ErrUnknownGrassType,
	ErrUnknownMaterialType,
	ErrCouldNotRetrieveObjectMedia,
	ErrNoAvatarsToBanOrUnban,
	ErrCouldNotRetrieveGroupBanList,
	ErrTimeoutRetrievingGroupBanList,
	ErrTimeoutModifyingGroupBanList,
	ErrMuteEntryNotFound,
	ErrNoNameOrUUIDProvided,
	ErrCouldNotRetrieveMuteList,
	ErrMuteEntryAlreadyExists,
	ErrTimeoutReachingDestination,
	ErrGroupSchedulesExceeded,
	ErrNoIndexProvided,
	ErrNoScheduleFound,
	ErrUnknownDateTimeStamp,
	ErrNoPermissionsForItem,
	ErrTimeoutRetrievingEstateCovenant,
	ErrNoTerraformActionSpecified,
	ErrNoTerraformBrushSpecified,
	ErrInvalidHeight,
	ErrInvalidWidth,
	ErrInvalidTerraformAction,
	ErrInvalidTerraformBrush,
	ErrCouldNotTerraform,
	ErrTimeoutWaitingForDisplayName,
	ErrScriptPermissionRequestNotFound,
	ErrTeleportLureNotFound,
	ErrUnableToSaveCorradeConfiguration,
	ErrTimeoutRetrievingGroupNotices,
	ErrTimeoutRetrievingNotice,
	ErrNoNoticeFound,
	ErrNoticeDoesNotContainAttachment,
	ErrFailedToReadLogFile,
	ErrEffectUUIDBelongsToDifferentEffect,
	ErrNoSQLStringProvided,
	ErrInvalidAngleProvided,
	ErrCouldNotGetParcelInfoData,
	ErrNoTargetSpecified,
	ErrNoTypeProvided,
	ErrUnknownSift,
	ErrInvalidFeedProvided,
	ErrAlreadySubscribedToFeed,
	ErrNoConsumerKeyProvided,
	ErrNoConsumerSecretProvided,
	ErrNoAccessTokenProvided,
	ErrNoAccessTokenSecretProvided,
	ErrMessageTooLong,
	ErrCouldNotPostTweet,
	ErrUnableToRetrieveTransactions,
	ErrUnableToAuthenticate,
	ErrNoTransactionsFound,
	ErrNoSecretProvided,
	ErrInvalidDate,
	ErrUnableToReachEventsPage,
	ErrUnableToAgreeToToS,
	ErrUnableToPostEvent,
	ErrUnableToGetEventIdentifier,
	ErrNoTimeProvided,
	ErrNoDurationProvided,
	ErrNoDateProvided,
	ErrNoCategoryProvided,
	ErrNoLocationProvided,
	ErrUnableToDeleteEvent,
	ErrNoEventIdentifierProvided,
	ErrUnableToRetrieveFormParameters,
	ErrTooManyCharactersForEventDescription,
	ErrNameMayNotContainHTML,
	ErrDescriptionMayNotContainHTML,
	ErrEventPostingRejected,
	ErrUnableToRevokeProposal,
	ErrUnableToRejectProposal,
	ErrUnableToReachPartnershipPage,
	ErrUnableToPostProposal,
	ErrUnableToAcceptProposal,
	ErrTooManyCharactersForProposalMessage,
	ErrProposalRejected,
	ErrProposalAlreadySent,
	ErrNoProposalToReject,
	ErrMessageMayNotContainHTML,
	ErrNoPartnerFound,
	ErrUnableToPostDivorce,
	ErrUnableToDivorce,
	ErrAgentHasBeenBanned,
	ErrNoEstatePowersForCommand,
	ErrUnableToWriteFile,
	ErrUnableToReadFile,
	ErrUnableToRetrieveData,
	ErrUnableToProcessData,
	ErrFailedRezzingRootPrimitive,
	ErrFailedRezzingChildPrimitive,
	ErrCouldNotReadXMLFile,
	ErrSIMLNotEnabled,
	ErrNoAvatarsFound,
	ErrTimeoutStartingConference,
	ErrUnableToStartConference,
	ErrSessionNotFound,
	ErrConferenceMemberNotFound,
	ErrCouldNotSendMessage,
	ErrUnknownMuteType,
	ErrBanWouldExceedMaximumBanListLength,
	ErrAgentIsSoftBanned,
	ErrPrimitivesAlreadyLinked,
	ErrPrimitivesAreChildrenOfObject,
	ErrPrimitivesAlreadyDelinked,
	ErrNoPositionProvided,
	ErrUnknownSoundRequested,
	ErrTimeoutGettingFolderContents,
	ErrTransferWouldExceedMaximumCount,
	ErrInvalidItemType,
	ErrNoSourceSpecified,
	ErrClassifiedNotFound,
	ErrPickNotFound,
	ErrTimeoutGettingProfileClassified,
	ErrTimeoutGettingProfilePick,
	ErrCouldNotRetrievePick,
	ErrCouldNotRetrieveClassified,
	ErrInvalidWorkersProvided,
	ErrInvalidSchedulesProvided,
	ErrGroupNotConfigured,
	ErrNoDatabasePathProvided,
	ErrNoChatlogPathProvided,
	ErrGroupAlreadyConfigured,
	ErrEjectNeedsDemote,
	ErrNoDialogSpecified,
	ErrNoMatchingDialogFound,
	ErrUnableToSerializePrimitive,
	ErrPlatformNotSupported,
	ErrInvalidAsset,
	ErrNucleusServerError,
	ErrTimeoutWaitingForSensor,
	ErrCouldNotSetAgentAccess,
	ErrUnknownAgentAccess,
	ErrUnknownLanguage,
	ErrInvalidSecretProvided,
	ErrCouldNotGetParcelResources,
	ErrCouldNotGetLandResources,
	ErrTimeoutGettingParcelList,
	ErrCouldNotUpdateParcelList,
	ErrNoHistoryFound,
	ErrNoServerProvided,
	ErrInvalidVersionProvided,
	ErrTimeoutRetrievingEstateInfo,
	ErrScriptCompilationFailed,
	ErrUnknownUpdateType,
	ErrInvalidPermissions,
	ErrTimeoutRezzingPrimitive,
	ErrNoPeersMatchingContext,
	ErrExecutionReturnedNoResult,
	ErrGroupSynchronizationFailed,
	ErrUnknownHordeBalancer,
	ErrNoFlagsProvided,
	ErrSQLExecutionFailed,
}, ownErrors...)
