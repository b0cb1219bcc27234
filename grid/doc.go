// Package grid holds the data types that both ends of a Second Life or
// OpenSimulator connection share.
//
// The wire itself lives below: llsd (the structured data notation), message
// (the UDP messages), circuit (reliable UDP), login and caps (HTTP).
package grid
