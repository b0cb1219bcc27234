package bridge

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"rookery/grid"
	"rookery/internal/bridge"
	"rookery/internal/bridge/broker"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/notify/webhook"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/script"
)

// The ports of brokers.
const (
	plainPort     = 1883
	encryptedPort = 8883
)

// maxText is the longest user name, password and client identifier, in bytes.
const maxText = 65535

// mqtt holds the parameters of MQTT.
type mqtt struct {
	action        param.Param[string]
	host          param.Param[string]
	port          param.Param[int64]
	tls           param.Param[bool]
	insecure      param.Param[bool]
	username      param.Param[string]
	secret        param.Param[string]
	clientID      param.Param[string]
	clean         param.Param[bool]
	topic         param.Param[string]
	qos           param.Param[int64]
	retain        param.Param[bool]
	kind          param.Param[string]
	payload       param.Param[string]
	id            param.Param[grid.UUID]
	execute       param.Param[bool]
	notifications param.Param[[]string]
	format        param.Param[string]
	willTopic     param.Param[string]
	willPayload   param.Param[string]
	willRetain    param.Param[bool]
	url           param.Param[string]
}

// MQTT publishes to other people's MQTT brokers and subscribes to their topics.
func MQTT() command.Command {
	m := mqtt{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction, "publish", "subscribe", "unsubscribe", "list"),
		host: param.Text("host", "publish, subscribe: the broker, by name or address; publish: not with `id`").
			Fails(script.ErrNoServerProvided),
		port: param.Int("port", "publish, subscribe: where it listens", 1, math.MaxUint16).
			OrElse("1883, 8883 with tls", func(*command.Call) int64 { return 0 }),
		tls:      param.Bool("tls", "publish, subscribe: encrypt the connection, and check the broker's certificate").Or(false),
		insecure: param.Bool("insecure", "with tls: do not check the certificate, where the settings allow that").Or(false),
		username: param.Text("username", "publish, subscribe: the user name at the broker"),
		secret:   param.Text("secret", "publish, subscribe: the password at the broker, which needs a user name"),
		clientID: param.Text("clientid", "publish, subscribe: the client identifier; left out, the broker chooses it (publish) "+
			"or it is made of the subscription's id (subscribe)"),
		clean: param.Bool("clean", "subscribe: what is published while there is no connection is not wanted").Or(false),
		topic: param.Text("topic", "publish: where to; subscribe: what to hear, + for any one level and # for all the rest, "+
			"but not with `notifications`"),
		qos: param.Int("qos", "quality of service of everything that is published and heard: "+
			"0 at most once, 1 at least once, 2 once", 0, 2).Or(1),
		retain: param.Bool("retain", "publish: the broker keeps the message for who subscribes later; "+
			"subscribe: so for the notifications that are published").Or(false),
		kind:    word("type", "what payloads are: text, in UTF-8, or bytes, a list of numbers from 0 to 255", "text", "bytes"),
		payload: param.Text("payload", "publish: the message; only with `retain` it may be empty, which makes the broker forget the one it kept"),
		id: param.UUID("id", "subscribe: the name of the subscription, made up when left out; unsubscribe: which one; "+
			"publish: by the connection of which one, in place of `host` and what belongs to it"),
		execute:       param.Bool("execute", "subscribe: run the commands that arrive").Or(false),
		notifications: param.List("notifications", "subscribe: the notifications that are published to the topic").Fails(script.ErrInvalidNotificationTypes),
		format:        word("format", "subscribe: how notifications are written: was, key-value text, or json", "was", "json"),
		willTopic:     param.Text("willtopic", "subscribe: where the broker publishes a last will when the connection ends"),
		willPayload:   param.Text("willpayload", "with `willtopic`: the last will"),
		willRetain:    param.Bool("willretain", "with `willtopic`: the broker keeps the last will for who subscribes later").Or(false),
		url:           param.Text("URL", "subscribe: a URL that is registered for the notification mqtt, as the command notify does").Fails(script.ErrInvalidURLProvided),
	}
	return command.Command{
		Name:       "mqtt",
		Permission: rights.Bridge,
		Summary:    "Publishes to topics of other people's MQTT brokers, and subscribes to them.",
		Notes: []string{
			"`publish` succeeds when the broker has acknowledged the message, or when it was sent for `qos` 0. " +
				"With `id` it uses the connection of a subscription, and waits while that is not there, up to the command's timeout; otherwise it connects for this message alone.",
			"`subscribe` succeeds when the broker has granted the subscription, and answers its id. " +
				"From then on it is kept: connected again when the connection is lost, with growing pauses, and after a restart. " +
				"An `id` that is there already is replaced; so is a subscription to the same topic of the same broker with the same user name when `id` is left out. " +
				"When it fails, nothing changes. The group needs the permission of this command all the time: without it there is no connection.",
			"The password at the broker is kept with the subscription in the state directory, which nobody but the program's user can read; it is never answered.",
			"What arrives is told to the group as the notification `mqtt`. A broker keeps for a day what it has for a subscription that is away, unless `clean` is set.",
			"`notifications` are published as long as the group may hear them, except for those of messages that arrived at the same topic. " +
				"What is published while the broker is away waits, up to the size in the settings; then the oldest is dropped.",
			"Commands that arrive with `execute` bring the name and the password of a group, as on any other way in. " +
				"They are answered at the topic that they came to, or, when they were let in, at the response topic that they name (MQTT 5.0). " +
				"They are not told. Messages that the broker had retained are never run.",
			"A last will is published whenever the connection ends, also by `unsubscribe` and when the program stops.",
			"Brokers may speak MQTT 5.0 or 3.1.1, which is tried when 5.0 is refused. Those on private networks must be listed in the setting outgoing.allow_private. " +
				"Certificates are checked against the authorities of the system and those in the setting bridge.ca.",
		},
		Params: []command.Parameter{
			m.action, m.host, m.port, m.tls, m.insecure, m.username, m.secret, m.clientID, m.clean, m.topic, m.qos, m.retain, m.kind, m.payload,
			m.id, m.execute, m.notifications, m.format, m.willTopic, m.willPayload, m.willRetain, m.url,
		},
		Result: "subscribe: the id, or the notifications that were not allowed; list: id, host, port, topic, qos, user name, type, execute, " +
			"notifications (a list), connected, and what went wrong last, for each subscription",
		Errors: []*script.Error{
			script.ErrNoServerProvided, script.ErrMissingParameter, script.ErrInvalidParameter, script.ErrNoMessageProvided, script.ErrMessageTooLong,
			script.ErrCouldNotSendMessage, script.ErrUnableToAuthenticate, script.ErrTimeout, script.ErrSessionNotFound, script.ErrBusy,
			script.ErrInvalidNotificationTypes, script.ErrNotificationNotAllowed, script.ErrInvalidURLProvided, script.ErrNotSupported,
		},
		Run: m.run,
	}
}

// word is one of two words, the first when it is left out.
func word(name, about string, words ...string) param.Param[string] {
	return param.OneOf(name, about, script.ErrInvalidParameter, words...).Or(words[0])
}

func (m mqtt) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := m.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	book := c.Rooms.Bridge
	if book == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "brokers cannot be connected to here")
	}
	wait, cancel := c.Wait(ctx)
	defer cancel()
	switch action {
	case "publish":
		return command.Data{}, m.publish(wait, c, book)
	case "subscribe":
		return m.subscribe(wait, c, book)
	case "unsubscribe":
		return command.Data{}, m.unsubscribe(wait, c, book)
	}
	return list(book.List(c.Caller.ID)), nil
}

// publish does publish.
func (m mqtt) publish(ctx context.Context, c *command.Call, book *bridge.Book) error {
	var server broker.Server
	id, err := m.id.Of(c)
	if err != nil {
		return err
	}
	via := m.id.Given(c)
	if via {
		if m.host.Given(c) {
			return command.Explain(script.ErrInvalidParameter, "both host and id: want the broker, or the subscription whose connection is to be used")
		}
	} else if server, err = m.server(c, book); err != nil {
		return err
	}
	msg, err := m.message(c, book)
	if err != nil {
		return err
	}
	if via {
		return failed(book.PublishVia(ctx, c.Caller.ID, id.String(), msg))
	}
	return failed(book.Publish(ctx, server, msg))
}

// subscribe does subscribe.
func (m mqtt) subscribe(ctx context.Context, c *command.Call, book *bridge.Book) (command.Data, error) {
	s, data, err := m.subscription(c, book)
	if err != nil {
		return data, err
	}
	var id string
	if m.id.Given(c) {
		given, err := m.id.Of(c)
		if err != nil {
			return command.Data{}, err
		}
		id = given.String()
	}
	url, err := m.url.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	url = strings.TrimSpace(url)
	if err := checkURL(c, url); err != nil {
		return command.Data{}, err
	}
	id, err = book.Subscribe(ctx, c.Caller.ID, id, s)
	if err != nil {
		return command.Data{}, failed(err)
	}
	if url != "" {
		err = c.Webhooks.Add(ctx, c.Caller.ID, []string{bridge.Notification}, webhook.Registration{URL: url})
		if errors.Is(err, webhook.ErrTooMany) {
			err = command.Explain(script.ErrBusy, "the subscription is made, but URL is not registered: %v", err)
		}
	}
	return command.Text(id), err
}

// checkURL refuses a URL that cannot be registered for the notification.
func checkURL(c *command.Call, url string) error {
	switch {
	case url == "":
		return nil
	case c.Webhooks == nil:
		return command.Explain(script.ErrNotSupported, "URL: notifications cannot be posted here")
	case !c.Caller.Permissions.Has(rights.Notifications):
		return command.Explain(script.ErrNoCorradePermissions, "URL: the group needs the permission notifications to register one")
	case !c.Caller.Hears(bridge.Notification):
		return command.Explain(script.ErrNotificationNotAllowed, "%s", bridge.Notification)
	}
	if err := c.Webhooks.Check(url); err != nil {
		return command.Explain(script.ErrInvalidURLProvided, "URL: %v", err)
	}
	return nil
}

// unsubscribe does unsubscribe.
func (m mqtt) unsubscribe(ctx context.Context, c *command.Call, book *bridge.Book) error {
	if !m.id.Given(c) {
		return command.Explain(script.ErrMissingParameter, "id is missing: want the subscription; the action list tells which there are")
	}
	id, err := m.id.Of(c)
	if err != nil {
		return err
	}
	return failed(book.Unsubscribe(ctx, c.Caller.ID, id.String()))
}

// list writes subscriptions, without their secrets.
func list(all []bridge.Listing) command.Data {
	var cells []string
	for _, l := range all {
		kind, wrong := "text", ""
		if l.Bytes {
			kind = "bytes"
		}
		if l.State.Err != nil {
			wrong = l.State.Err.Error()
		}
		cells = append(cells, l.ID, l.Server.Host, strconv.Itoa(l.Server.Port), l.Topic, strconv.Itoa(int(l.QoS)), l.Server.User, kind,
			script.FormatBool(l.Execute), script.FormatCSV(l.Notifications), script.FormatBool(l.State.Connected), wrong)
	}
	return command.List(cells...)
}

// failed is an error of the bridge as scripts see it.
func failed(err error) error {
	var refused *broker.RefusedError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, bridge.ErrNone):
		return command.Explain(script.ErrSessionNotFound, "id: the group has %v", err)
	case errors.Is(err, bridge.ErrTooMany), errors.Is(err, bridge.ErrChanging), errors.Is(err, broker.ErrDropped):
		return command.Explain(script.ErrBusy, "%v", err)
	case errors.Is(err, bridge.ErrTaken):
		return command.Explain(script.ErrInvalidParameter, "clientid: %v", err)
	case errors.Is(err, reach.ErrPrivate):
		return command.Explain(script.ErrInvalidParameter, "host: %v: the setting outgoing.allow_private does not name it", reach.ErrPrivate)
	case errors.Is(err, broker.ErrLogin):
		return command.Explain(script.ErrUnableToAuthenticate, "%v", err)
	case errors.Is(err, broker.ErrTooLarge):
		return command.Explain(script.ErrMessageTooLong, "%v", err)
	case errors.As(err, &refused):
		return command.Explain(script.ErrCouldNotSendMessage, "%v", err)
	case command.IsTimeout(err), isTimeout(err):
		return command.Explain(script.ErrTimeout, "%v", err)
	}
	return command.Explain(script.ErrCouldNotSendMessage, "%v", err)
}

// isTimeout tells whether the network took too long.
func isTimeout(err error) bool {
	var slow interface{ Timeout() bool }
	return errors.As(err, &slow) && slow.Timeout()
}
