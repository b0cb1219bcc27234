package notify

import (
	"sync"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

// A text shorter than this tells too little of its language, in characters.
const shortText = 10

// language guesses the language of a text, as a three-letter code of ISO
// 639-3; empty when the guess would be no better than a coin.
//
// A guess costs a hundred times what the rest of a notification does, and all
// agents of a process that stand together hear the same lines, so the latest
// guesses are remembered.
func language(text string) string {
	if utf8.RuneCountInString(text) < shortText {
		return ""
	}
	return guesses.of(text)
}

// rememberedTexts bounds the memory of guesses.
const rememberedTexts = 512

var guesses guessBook

// guessBook remembers the guesses of two generations: when the young one is full
// it becomes the old one, and what was not heard meanwhile is forgotten.
type guessBook struct {
	mu         sync.Mutex
	young, old map[string]string
}

func (m *guessBook) of(text string) string {
	m.mu.Lock()
	code, ok := m.young[text]
	if !ok {
		code, ok = m.old[text]
	}
	m.mu.Unlock()
	if !ok {
		code = guess(text)
		m.mu.Lock()
		if m.young == nil || len(m.young) >= rememberedTexts/2 {
			m.young, m.old = make(map[string]string), m.young
		}
		m.young[text] = code
		m.mu.Unlock()
	}
	return code
}

func guess(text string) string {
	info := whatlanggo.Detect(text)
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6393()
}
