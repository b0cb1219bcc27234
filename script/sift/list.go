package sift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"rookery/script"
)

// onList makes a step of a function on the cells.
func onList(f func(cells []string) []string) stepFunc {
	return func(_ context.Context, data string, _ Limits) (string, error) {
		return script.FormatCSV(f(script.ParseCSV(data))), nil
	}
}

// number reads an argument from least up.
func number(argument string, least int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(argument))
	if err != nil || n < least {
		return 0, fmt.Errorf("argument %q: want a whole number, at least %d", argument, least)
	}
	return n, nil
}

var errNoArgument = errors.New("takes no argument, leave it empty")

func makeTake(argument string) (stepFunc, error) {
	n, err := number(argument, 0)
	return onList(func(cells []string) []string { return cells[:min(n, len(cells))] }), err
}

func makeSkip(argument string) (stepFunc, error) {
	n, err := number(argument, 0)
	return onList(func(cells []string) []string { return cells[min(n, len(cells)):] }), err
}

func makeEach(argument string) (stepFunc, error) {
	n, err := number(argument, 1)
	return onList(func(cells []string) []string {
		var kept []string
		for i := 0; i < len(cells); {
			kept = append(kept, cells[i])
			if n >= len(cells)-i { // also keeps i+n from overflowing
				break
			}
			i += n
		}
		return kept
	}), err
}

func makePermute(argument string) (stepFunc, error) {
	n, err := strconv.Atoi(strings.TrimSpace(argument))
	if err != nil {
		return nil, fmt.Errorf("argument %q: want a whole number, negative to rotate to the left", argument)
	}
	return onList(func(cells []string) []string {
		if len(cells) == 0 {
			return nil
		}
		at := ((-n)%len(cells) + len(cells)) % len(cells)
		return slices.Concat(cells[at:], cells[:at])
	}), nil
}

func makeReverse(argument string) (stepFunc, error) {
	if argument != "" {
		return nil, errNoArgument
	}
	return onList(func(cells []string) []string {
		slices.Reverse(cells)
		return cells
	}), nil
}

func makeRandom(argument string) (stepFunc, error) {
	choose := rand.IntN
	if argument = strings.TrimSpace(argument); argument != "" {
		seed, err := strconv.ParseInt(argument, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("argument %q: want a whole number as seed, or nothing", argument)
		}
		choose = func(n int) int { return rand.New(rand.NewPCG(uint64(seed), 0)).IntN(n) }
	}
	return onList(func(cells []string) []string {
		if len(cells) == 0 {
			return nil
		}
		i := choose(len(cells))
		return cells[i : i+1]
	}), nil
}

func makeDistinct(argument string) (stepFunc, error) {
	if argument != "" {
		return nil, errNoArgument
	}
	return onList(func(cells []string) []string {
		seen := make(map[string]struct{}, len(cells))
		return slices.DeleteFunc(cells, func(cell string) bool {
			_, again := seen[cell]
			seen[cell] = struct{}{}
			return again
		})
	}), nil
}

func makeSort(argument string) (stepFunc, error) {
	var descending, numeric, ignoreCase bool
	for _, word := range script.ParseCSV(argument) {
		switch strings.ToLower(strings.TrimSpace(word)) {
		case "", "ascending":
		case "descending":
			descending = true
		case "numeric":
			numeric = true
		case "ignorecase":
			ignoreCase = true
		default:
			return nil, fmt.Errorf("argument %q: allowed are ascending, descending, numeric, ignorecase", word)
		}
	}
	compare := strings.Compare
	if ignoreCase {
		compare = func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	}
	if numeric {
		byText := compare
		compare = func(a, b string) int {
			x, errX := script.ParseFloat(a)
			y, errY := script.ParseFloat(b)
			switch {
			case errX == nil && errY == nil:
				return cmp.Compare(x, y)
			case errX == nil: // numbers come before everything else
				return -1
			case errY == nil:
				return 1
			}
			return byText(a, b)
		}
	}
	return onList(func(cells []string) []string {
		slices.SortStableFunc(cells, func(a, b string) int {
			if descending {
				a, b = b, a
			}
			return compare(a, b)
		})
		return cells
	}), nil
}

func makeSelect(argument string) (stepFunc, error) {
	return onList(func(cells []string) []string {
		var kept []string
		for i, cell := range cells {
			if cell == argument && i+1 < len(cells) {
				kept = append(kept, cells[i+1])
			}
		}
		return kept
	}), nil
}
