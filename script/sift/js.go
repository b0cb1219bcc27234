package sift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"modernc.org/quickjs"

	"rookery/script"
)

// jsStack bounds the stack of a script. The engine counts one for a call of a
// function: a few thousand deep are as many as browsers take.
const jsStack = 10_000

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
	return func(_ context.Context, data string, limits Limits) (string, error) {
		out, err := runJS(source, data, limits)
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

func runJS(source, data string, limits Limits) (out string, err error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return "", fmt.Errorf("script engine: %w", err)
	}
	defer func() {
		if r := recover(); r != nil { // the engine's way to say that its memory is gone
			out, err = "", errMemory
		}
		_ = vm.Close()
	}()
	vm.SetMemoryLimit(uintptr(limits.Memory))
	vm.SetMaxStackSize(jsStack)

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

// jsError keeps the first line: the rest is a stack of the engine.
func jsError(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	switch {
	case strings.Contains(line, "out of memory"):
		return errMemory
	case line == "null": // what is thrown when there is no memory for an error
		return errors.New("needs too much memory, or threw null")
	}
	return errors.New(line)
}
