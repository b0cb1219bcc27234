package sift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/quickjs"

	"rookery/script"
)

// jsStack bounds the stack of a script, in bytes.
const jsStack = 256 << 10

// jsToCells turns the value of a script into what Go reads: the text of the
// data, or a list of cells for an array. It is made before the script runs, so
// that the script cannot change what it uses.
const jsToCells = `(function () {
	const json = JSON.stringify, text = String, isArray = Array.isArray;
	const cell = v => v === null || v === undefined ? "" : typeof v === "object" ? text(json(v)) : text(v);
	return function (v) {
		if (!isArray(v)) return json(cell(v));
		let cells = "[";
		for (let i = 0; i < v.length; i++) cells += (i ? "," : "") + json(cell(v[i]));
		return cells + "]";
	};
})()`

// makeJS runs a script (ECMAScript 2023) that sees the text as the variable
// data. What its last expression comes to replaces the data: an array becomes
// a list, another object JSON, null and undefined nothing. The script has no
// access to files, network, modules or time-outs.
func makeJS(source string) (stepFunc, error) {
	if strings.TrimSpace(source) == "" {
		return nil, errors.New("argument: want a script")
	}
	return func(ctx context.Context, data string, limits Limits) (string, error) {
		out, err := runJS(ctx, source, data, limits)
		if err != nil {
			return "", err
		}
		var cells []string
		if strings.HasPrefix(out, "[") {
			err = json.Unmarshal([]byte(out), &cells)
			return script.FormatCSV(cells), err
		}
		var text string
		err = json.Unmarshal([]byte(out), &text)
		return text, err
	}, nil
}

func runJS(ctx context.Context, source, data string, limits Limits) (out string, err error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return "", fmt.Errorf("script engine: %w", err)
	}
	defer func() {
		if r := recover(); r != nil { // the engine's way to say that its memory is gone
			out, err = "", errors.New("the script needs too much memory")
		}
		_ = vm.Close()
	}()
	vm.SetMemoryLimit(uintptr(limits.Memory))
	vm.SetMaxStackSize(jsStack)
	finished := make(chan struct{})
	defer close(finished)
	go interrupt(ctx, vm, finished)
	if deadline, ok := ctx.Deadline(); ok {
		if err := vm.SetEvalTimeout(max(time.Until(deadline), time.Millisecond)); err != nil {
			return "", fmt.Errorf("script engine: %w", err)
		}
	}

	toCells, err := vm.EvalValue(jsToCells, quickjs.EvalGlobal)
	if err != nil {
		return "", jsError(err)
	}
	defer toCells.Free()
	name, err := vm.NewAtom("data")
	if err != nil {
		return "", jsError(err)
	}
	global := vm.GlobalObject()
	defer global.Free()
	if err := vm.SetProperty(global, name, data); err != nil {
		return "", jsError(err)
	}
	value, err := vm.EvalValue(source, quickjs.EvalGlobal)
	if err != nil {
		return "", jsError(err)
	}
	defer value.Free()
	result, err := toCells.Call(global, value)
	if err != nil {
		return "", jsError(err)
	}
	text, ok := result.(string)
	if !ok {
		return "", errors.New("the script's value cannot be written as text")
	}
	return text, nil
}

// interrupt stops the script when the context ends. It asks again until the
// script has finished: the engine forgets a request that comes between two
// calls into it.
func interrupt(ctx context.Context, vm *quickjs.VM, finished <-chan struct{}) {
	select {
	case <-finished:
		return
	case <-ctx.Done():
	}
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		vm.Interrupt()
		select {
		case <-finished:
			return
		case <-again.C:
		}
	}
}

// jsError keeps the first line: the rest is a stack of the engine.
func jsError(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	switch {
	case strings.Contains(line, "interrupted"):
		return errors.New("the script takes too long")
	case strings.Contains(line, "out of memory"):
		return errors.New("the script needs too much memory")
	}
	return errors.New(line)
}
