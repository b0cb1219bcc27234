// Package config reads the settings: one commented TOML file, checked so
// strictly that a mistake in it is found before anything runs.
//
// [Load] gives the settings or all [Problems] at once, each with file, line
// and column, what is wrong and what is allowed. [Init] writes a file that
// runs as it stands; it documents every setting and the names of environment
// variables, which override the file.
//
// # Settings of Corrade
//
// Users of Corrade find theirs here (lists and masks become lists of names):
//
//	FirstName, LastName, Password, LoginURL    agents: avatar, password, grid
//	TOSAccepted                                agents: agree_to_tos
//	StartLocations                             agents: start
//	NetworkCardMAC, DriveIdentifierHash        agents: mac, id0
//	Range                                      range, agents: range
//	Masters                                    masters
//	EnableMasterPasswordOverride, MasterPasswordOverride   master_password
//	Groups: Name, UUID, Password, Workers, Schedules, Permissions, Notifications   groups
//	InputFilters, OutputFilters, AESKey, VIGENERESecret, ENIGMAConfiguration       filters
//	EnableTCPNotificationsServer, TCPNotificationsServerAddress and -Port          tcp: enabled, address
//	TCPNotificationsCertificatePath and -Password, TCPNotificationsSSLProtocol     tcp.tls
//	TCPNotificationQueueLength                 tcp.queue_bytes, for each client and in bytes
//	ServicesTimeout, DataTimeout               timeouts: services, data
//	ClientLogEnabled                           log
//	HeartbeatLogInterval                       log: heartbeat
//	FeedsUpdateInterval                        feeds: interval
//	ClientLanguage, AdvertiseClientLanguage    agents: language, language_public
//	MultipleSimulatorConnections               agents: neighbours
//	BindIPAddress                              agents: bind
//	ThrottleLand, Task, Texture, Wind, Resend, Asset, Cloud   throttle
//	EnableHTTPServer, HTTPServerPrefix, HTTPServerIdleTimeout   http: enabled, address, idle_timeout
//	ScriptLanguage (later releases)            http, websocket: language
//	WebSockets, MQTT and UDP servers (later releases)   websocket, mqtt, udp
//	HTTPCommandTimeout                         timeouts: command
//	CallbackQueueLength, CallbackTimeout       outgoing.callbacks: queue, timeout
//	NotificationQueueLength, NotificationTimeout   outgoing.notifications.posts: queue, timeout
//	ConnectionLimit                            outgoing: per_host
//	CallbackThrottle, NotificationThrottle     outgoing: rate
//	NotificationSettings: AutoPrune (later releases)   outgoing.notifications: prune
//	InstantMessageLog…, LocalMessageLog…, ConferenceMessageLog…, RegionMessageLog…, OwnerSayMessageLog…   chatlog
//	Groups: ChatLogEnabled, ChatLog            groups: chat_log; chatlog: directory
//	MessageLogging (later releases)            chatlog: enabled
//
// The others have no place, each for a reason that [Import] gives: what they set
// is not needed, is done in another way, or does not exist yet. A test holds the
// list of all of them against it.
package config
