package database

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// Statements lists the kinds of statements that may be allowed.
func Statements() []string {
	return []string{"select", "insert", "update", "delete", "create", "alter", "drop"}
}

// kinds are the kinds of statements by what SQLite asks leave for. What is not
// here is always refused: ATTACH, DETACH, transactions within the transaction,
// virtual tables, which reach beyond the file, and most pragmas.
var kinds = map[sqlite.AuthorizerActionCode]string{
	sqlite.AuthSelect:            "select",
	sqlite.AuthInsert:            "insert",
	sqlite.AuthUpdate:            "update",
	sqlite.AuthDelete:            "delete",
	sqlite.AuthCreateIndex:       "create",
	sqlite.AuthCreateTable:       "create",
	sqlite.AuthCreateTempIndex:   "create",
	sqlite.AuthCreateTempTable:   "create",
	sqlite.AuthCreateTempTrigger: "create",
	sqlite.AuthCreateTempView:    "create",
	sqlite.AuthCreateTrigger:     "create",
	sqlite.AuthCreateView:        "create",
	sqlite.AuthAlterTable:        "alter",
	sqlite.AuthAnalyze:           "alter",
	sqlite.AuthReindex:           "alter",
	sqlite.AuthDropIndex:         "drop",
	sqlite.AuthDropTable:         "drop",
	sqlite.AuthDropTempIndex:     "drop",
	sqlite.AuthDropTempTable:     "drop",
	sqlite.AuthDropTempTrigger:   "drop",
	sqlite.AuthDropTempView:      "drop",
	sqlite.AuthDropTrigger:       "drop",
	sqlite.AuthDropView:          "drop",
}

// tellingPragmas tell of the tables and change nothing.
var tellingPragmas = []string{
	"table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
}

// guard decides what SQLite may compile. It is asked on the goroutine that
// runs the statement.
type guard struct {
	allowed []string
	// armed is set while the text of a script is compiled; the transaction
	// around it is ours.
	armed   bool
	refused string
	// temporary is set when something is made that belongs to the connection:
	// as it would not be there for every later call, it is there for none.
	temporary bool
}

func newGuard(allowed []string) *guard { return &guard{allowed: allowed} }

func (g *guard) authorize(action sqlite.AuthorizerActionCode, arg1, arg2, _, _ string) sqlite.AuthorizerReturnCode {
	if !g.armed {
		return sqlite.AuthorizerOK
	}
	switch action {
	case sqlite.AuthRead, sqlite.AuthRecursive:
		// A part of a statement that is asked for by itself; UPDATE and DELETE
		// read, too.
		return sqlite.AuthorizerOK
	case sqlite.AuthFunction:
		if strings.EqualFold(arg2, "load_extension") {
			return g.refuse("load_extension is not allowed")
		}
		return sqlite.AuthorizerOK
	case sqlite.AuthPragma:
		if slices.Contains(tellingPragmas, strings.ToLower(arg1)) {
			return sqlite.AuthorizerOK
		}
		return g.refuse(fmt.Sprintf("PRAGMA %s is not allowed; allowed are %s", arg1, strings.Join(tellingPragmas, ", ")))
	case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
		// How CREATE, ALTER and DROP, which are asked for by themselves, keep
		// the schema. Nobody else may write there: the connection is defensive.
		if strings.HasPrefix(arg1, "sqlite_") {
			return sqlite.AuthorizerOK
		}
	}
	switch action {
	case sqlite.AuthCreateTempTable, sqlite.AuthCreateTempView, sqlite.AuthCreateTempTrigger, sqlite.AuthCreateTempIndex:
		g.temporary = true
	}
	kind := kinds[action]
	switch {
	case kind == "":
		return g.refuse("the statement is of a kind that is never allowed, such as ATTACH, BEGIN, VACUUM and virtual tables")
	case !slices.Contains(g.allowed, kind):
		return g.refuse(fmt.Sprintf("%s is not allowed; allowed are %s", kind, strings.Join(g.allowed, ", ")))
	}
	return sqlite.AuthorizerOK
}

func (g *guard) refuse(why string) sqlite.AuthorizerReturnCode {
	if g.refused == "" {
		g.refused = why
	}
	return sqlite.AuthorizerDeny
}
