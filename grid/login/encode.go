package login

import (
	"fmt"
	"slices"
	"strconv"

	"rookery/grid"
)

// members returns the response as the protocol names its members. Parts that
// are only sent on demand are there if options ask for them.
func (r *Response) members(options []string) map[string]any {
	m := map[string]any{
		"login":    "true",
		"agent_id": r.AgentID.String(), "session_id": r.SessionID.String(), "secure_session_id": r.SecureSessionID.String(),
		"first_name": r.First, "last_name": r.Last,
		"circuit_code": int32(r.CircuitCode), "sim_ip": r.Simulator.Addr().String(), "sim_port": int32(r.Simulator.Port()),
		"http_port": int32(r.HTTPPort),
		"region_x":  int32(r.RegionX), "region_y": int32(r.RegionY),
		"region_size_x": int32(r.RegionSizeX), "region_size_y": int32(r.RegionSizeY),
		"seed_capability": r.SeedCapability, "start_location": or(r.StartLocation, "last"),
		"look_at": oddList(r.LookAt.X, r.LookAt.Y, r.LookAt.Z), "message": r.Message,
		"agent_access": or(r.AgentAccess, "M"), "agent_access_max": or(r.AgentAccessMax, "A"),
		"agent_region_access": or(r.AgentRegionAccess, "M"),
		"inventory_host":      r.InventoryHost,
	}
	for key, text := range map[string]string{
		"mfa_hash": r.MFAHash, "map-server-url": r.MapServerURL, "search": r.SearchURL,
		"profile-server-url": r.ProfileServerURL, "destination_guide_url": r.DestinationURL,
		"avatar_picker_url": r.AvatarPickerURL, "openid_url": r.OpenIDURL, "openid_token": r.OpenIDToken,
		"agent_appearance_service": r.AppearanceURL, "currency": r.Currency, "account_type": r.AccountType,
	} {
		if text != "" {
			m[key] = text
		}
	}
	if !r.ServerTime.IsZero() {
		m["seconds_since_epoch"] = int32(r.ServerTime.Unix())
	}
	if h := r.Home; h != nil {
		x, y := h.Region.Metres()
		m["home"] = fmt.Sprintf("{'region_handle':%s, 'position':%s, 'look_at':%s}", oddList(x, y),
			oddList(h.Position.X, h.Position.Y, h.Position.Z), oddList(h.LookAt.X, h.LookAt.Y, h.LookAt.Z))
	}
	if len(r.UDPBlacklist) > 0 {
		m["udp_blacklist"] = list(r.UDPBlacklist, func(s string) any { return s })
	}
	for _, o := range optional {
		if slices.Contains(options, o.option) {
			m[o.option] = o.encode(r)
		}
	}
	return m
}

// optional are the parts that are sent when an option of their name asks for them.
var optional = []struct {
	option string
	encode func(r *Response) any
}{
	{"inventory-root", func(r *Response) any { return idList("folder_id", r.InventoryRoot) }},
	{"inventory-lib-root", func(r *Response) any { return idList("folder_id", r.LibraryRoot) }},
	{"inventory-lib-owner", func(r *Response) any { return idList("agent_id", r.LibraryOwner) }},
	{"inventory-skeleton", func(r *Response) any { return list(r.Inventory, encodeFolder) }},
	{"inventory-skel-lib", func(r *Response) any { return list(r.Library, encodeFolder) }},
	{"buddy-list", func(r *Response) any {
		return list(r.Buddies, func(b Buddy) any {
			return map[string]any{
				"buddy_id": b.ID.String(), "buddy_rights_given": int32(b.RightsGiven), "buddy_rights_has": int32(b.RightsHas),
			}
		})
	}},
	{"gestures", func(r *Response) any {
		return list(r.Gestures, func(g Gesture) any {
			return map[string]any{"item_id": g.ItemID.String(), "asset_id": g.AssetID.String()}
		})
	}},
	{"initial-outfit", func(r *Response) any {
		return []any{map[string]any{"folder_name": r.InitialOutfit.Folder, "gender": r.InitialOutfit.Gender}}
	}},
	{"login-flags", func(r *Response) any {
		return []any{map[string]any{
			"daylight_savings": yesNo(r.Flags.DaylightSavings), "stipend_since_login": yesNo(r.Flags.StipendSinceLogin),
			"gendered": yesNo(r.Flags.Gendered), "ever_logged_in": yesNo(r.Flags.EverLoggedIn),
		}}
	}},
	{"global-textures", func(r *Response) any {
		return []any{map[string]any{
			"sun_texture_id": r.Textures.Sun.String(), "moon_texture_id": r.Textures.Moon.String(),
			"cloud_texture_id": r.Textures.Cloud.String(),
		}}
	}},
	{"event_categories", func(r *Response) any { return list(r.EventCategories, encodeCategory) }},
	{"classified_categories", func(r *Response) any { return list(r.ClassifiedCategories, encodeCategory) }},
	{"event_notifications", func(*Response) any { return []any{} }},
	{"ui-config", func(r *Response) any {
		conf := map[string]any{}
		for k, v := range r.UIConfig {
			conf[k] = v
		}
		return []any{conf}
	}},
	{"max-agent-groups", func(r *Response) any { return int32(r.MaxAgentGroups) }},
	{"max_groups", func(r *Response) any { return int32(r.MaxAgentGroups) }},
}

func encodeFolder(f Folder) any {
	return map[string]any{
		"folder_id": f.ID.String(), "parent_id": f.Parent.String(), "name": f.Name,
		"type_default": int32(f.Type), "version": int32(f.Version),
	}
}

func encodeCategory(c Category) any {
	return map[string]any{"category_id": int32(c.ID), "category_name": c.Name}
}

func list[T any](in []T, encode func(T) any) []any {
	out := make([]any, len(in))
	for i, el := range in {
		out[i] = encode(el)
	}
	return out
}

func idList(key string, id grid.UUID) []any { return []any{map[string]any{key: id.String()}} }

func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// oddList writes numbers as the protocol's text: [r1,r0.5,r0].
func oddList[T float32 | uint32](numbers ...T) string {
	b := []byte{'['}
	for i, n := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(append(b, 'r'), float64(n), 'f', -1, 64)
	}
	return string(append(b, ']'))
}

func (f *Failure) members() map[string]any {
	m := map[string]any{"login": "false", "reason": f.Reason, "message": f.Message}
	if f.MessageID != "" {
		m["message_id"] = f.MessageID
	}
	if len(f.Args) > 0 {
		args := map[string]any{}
		for k, v := range f.Args {
			args[k] = v
		}
		m["message_args"] = args
	}
	if f.URL != "" {
		m["url"] = f.URL
	}
	if f.RetryAfter > 0 {
		m["retry_after"] = f.RetryAfter.Seconds()
	}
	return m
}

func (r *Redirect) members() map[string]any {
	return map[string]any{
		"login": "indeterminate", "next_url": r.URL, "next_method": or(r.Method, defaultMethod),
		"next_duration": r.Duration.Seconds(), "message": r.Message,
		"next_options": list(r.Options, func(s string) any { return s }),
	}
}
