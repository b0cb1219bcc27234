package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"rookery/internal/config"
	"rookery/internal/daemon"
)

// serve runs a daemon until ctx ends: started, once everything is up, is called
// with where it is.
func serve(ctx context.Context, cfg *config.Config, options daemon.Options, readyFile string, started func(daemon.Addresses)) error {
	d, err := daemon.Start(cfg, options)
	if err != nil {
		return withCode(exitUsage, err)
	}
	defer d.Stop()
	if err := d.Online(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return withCode(exitFailed, err)
	}
	addresses := d.Addresses()
	addresses.PID = os.Getpid()
	if readyFile != "" {
		if err := writeReady(readyFile, addresses); err != nil {
			return withCode(exitUsage, fmt.Errorf("--ready-file: %w", err))
		}
	}
	if started != nil {
		started(addresses)
	}
	return withCode(exitFailed, d.Wait(ctx))
}

// writeReady writes the addresses as JSON. A regular file appears whole; into
// anything else, a pipe for example, they are written as they are.
func writeReady(path string, addresses daemon.Addresses) error {
	data, err := json.MarshalIndent(addresses, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// newLogger makes the logger that the settings ask for. Its level may be
// changed later.
func newLogger(w io.Writer, c config.Log) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(c.Level.Level())
	options := &slog.HandlerOptions{Level: level}
	if c.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options)), level
	}
	return slog.New(slog.NewTextHandler(w, options)), level
}
