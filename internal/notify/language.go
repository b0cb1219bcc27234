package notify

import "github.com/abadojack/whatlanggo"

// language guesses the language of a text, as a three-letter code of ISO
// 639-3; empty when the guess would be no better than a coin.
func language(text string) string {
	info := whatlanggo.Detect(text)
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6393()
}
