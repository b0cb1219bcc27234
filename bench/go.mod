module rookery/bench

go 1.26.0

require rookery v0.0.0

require (
	github.com/google/uuid v1.6.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace rookery => ../
