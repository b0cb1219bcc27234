package chat_test

import (
	"testing"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestLanguageIsGuessed(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for text, want := range map[string]string{
		"The+weather+is+rather+pleasant+this+morning": "eng",
		"Das+Wetter+ist+heute+Morgen+sehr+angenehm":   "deu",
	} {
		got := w.Do(t, "command=language&action=detect&message="+text)
		if len(got) != 2 || got[0] != want {
			t.Errorf("%s: %v", text, got)
			continue
		}
		if p, err := script.ParseFloat(got[1]); err != nil || p <= 0 || p > 1 {
			t.Errorf("%s: probability %q", text, got[1])
		}
	}
	if answer := w.Ask(t, "command=language&action=detect&message=12+34"); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("numbers: %v", answer)
	}
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=language&message=x", Error: script.ErrUnknownAction},
		{Line: "command=language&action=detect", Error: script.ErrNoMessageProvided},
	}...)
}
