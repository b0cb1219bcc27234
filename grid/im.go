package grid

// IMDialog says what an instant message is: words, an offer, a notice, a
// session, typing. The names are those that scripts use.
type IMDialog uint8

// The dialogs of ImprovedInstantMessage.
const (
	IMMessageFromAgent             IMDialog = 0
	IMMessageBox                   IMDialog = 1
	IMGroupInvitation              IMDialog = 3
	IMInventoryOffered             IMDialog = 4
	IMInventoryAccepted            IMDialog = 5
	IMInventoryDeclined            IMDialog = 6
	IMGroupVote                    IMDialog = 7
	IMTaskInventoryOffered         IMDialog = 9
	IMTaskInventoryAccepted        IMDialog = 10
	IMTaskInventoryDeclined        IMDialog = 11
	IMNewUserDefault               IMDialog = 12
	IMSessionAdd                   IMDialog = 13
	IMSessionOfflineAdd            IMDialog = 14
	IMSessionGroupStart            IMDialog = 15
	IMSessionCardlessStart         IMDialog = 16
	IMSessionSend                  IMDialog = 17
	IMSessionDrop                  IMDialog = 18
	IMMessageFromObject            IMDialog = 19
	IMBusyAutoResponse             IMDialog = 20
	IMConsoleAndChatHistory        IMDialog = 21
	IMRequestTeleport              IMDialog = 22
	IMAcceptTeleport               IMDialog = 23
	IMDenyTeleport                 IMDialog = 24
	IMGodLikeRequestTeleport       IMDialog = 25
	IMRequestLure                  IMDialog = 26
	IMGotoURL                      IMDialog = 28
	IMSession911Start              IMDialog = 29
	IMLure911                      IMDialog = 30
	IMFromTaskAsAlert              IMDialog = 31
	IMGroupNotice                  IMDialog = 32
	IMGroupNoticeInventoryAccepted IMDialog = 33
	IMGroupNoticeInventoryDeclined IMDialog = 34
	IMGroupInvitationAccept        IMDialog = 35
	IMGroupInvitationDecline       IMDialog = 36
	IMGroupNoticeRequested         IMDialog = 37
	IMFriendshipOffered            IMDialog = 38
	IMFriendshipAccepted           IMDialog = 39
	IMFriendshipDeclined           IMDialog = 40
	IMStartTyping                  IMDialog = 41
	IMStopTyping                   IMDialog = 42
)

var imDialogNames = names[IMDialog]{
	{IMMessageFromAgent, "MessageFromAgent"},
	{IMMessageBox, "MessageBox"},
	{IMGroupInvitation, "GroupInvitation"},
	{IMInventoryOffered, "InventoryOffered"},
	{IMInventoryAccepted, "InventoryAccepted"},
	{IMInventoryDeclined, "InventoryDeclined"},
	{IMGroupVote, "GroupVote"},
	{IMTaskInventoryOffered, "TaskInventoryOffered"},
	{IMTaskInventoryAccepted, "TaskInventoryAccepted"},
	{IMTaskInventoryDeclined, "TaskInventoryDeclined"},
	{IMNewUserDefault, "NewUserDefault"},
	{IMSessionAdd, "SessionAdd"},
	{IMSessionOfflineAdd, "SessionOfflineAdd"},
	{IMSessionGroupStart, "SessionGroupStart"},
	{IMSessionCardlessStart, "SessionCardlessStart"},
	{IMSessionSend, "SessionSend"},
	{IMSessionDrop, "SessionDrop"},
	{IMMessageFromObject, "MessageFromObject"},
	{IMBusyAutoResponse, "BusyAutoResponse"},
	{IMConsoleAndChatHistory, "ConsoleAndChatHistory"},
	{IMRequestTeleport, "RequestTeleport"},
	{IMAcceptTeleport, "AcceptTeleport"},
	{IMDenyTeleport, "DenyTeleport"},
	{IMGodLikeRequestTeleport, "GodLikeRequestTeleport"},
	{IMRequestLure, "RequestLure"},
	{IMGotoURL, "GotoUrl"},
	{IMSession911Start, "Session911Start"},
	{IMLure911, "Lure911"},
	{IMFromTaskAsAlert, "FromTaskAsAlert"},
	{IMGroupNotice, "GroupNotice"},
	{IMGroupNoticeInventoryAccepted, "GroupNoticeInventoryAccepted"},
	{IMGroupNoticeInventoryDeclined, "GroupNoticeInventoryDeclined"},
	{IMGroupInvitationAccept, "GroupInvitationAccept"},
	{IMGroupInvitationDecline, "GroupInvitationDecline"},
	{IMGroupNoticeRequested, "GroupNoticeRequested"},
	{IMFriendshipOffered, "FriendshipOffered"},
	{IMFriendshipAccepted, "FriendshipAccepted"},
	{IMFriendshipDeclined, "FriendshipDeclined"},
	{IMStartTyping, "StartTyping"},
	{IMStopTyping, "StopTyping"},
}

// String returns the name, or the number of an unknown dialog.
func (d IMDialog) String() string { return imDialogNames.text(d) }

// ParseIMDialog finds a dialog by its exact name, or by its name in any case
// when that is unambiguous.
func ParseIMDialog(s string) (IMDialog, bool) { return imDialogNames.parse(s) }

// IMDialogs lists all dialogs, lowest number first.
func IMDialogs() []IMDialog { return imDialogNames.all() }

// IMOnline says what the grid does with an instant message whose receiver is
// away: drop it or keep it.
type IMOnline uint8

// The delivery modes of ImprovedInstantMessage. A received message with
// IMOffline was stored by the grid until its receiver logged in.
const (
	IMOnlineOnly IMOnline = 0 // named Online
	IMOffline    IMOnline = 1 // named Offline
)

var imOnlineNames = names[IMOnline]{
	{IMOnlineOnly, "Online"},
	{IMOffline, "Offline"},
}

// String returns Online or Offline, or the number of an unknown mode.
func (o IMOnline) String() string { return imOnlineNames.text(o) }

// ParseIMOnline finds a delivery mode by name.
func ParseIMOnline(s string) (IMOnline, bool) { return imOnlineNames.parse(s) }

// IMSession returns the session of a conversation between two avatars: both
// ids XORed, so that each side computes the same.
func IMSession(a, b UUID) UUID {
	var s UUID
	for i := range s {
		s[i] = a[i] ^ b[i]
	}
	return s
}
