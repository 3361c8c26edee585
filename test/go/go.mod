module lux9.test/go

go 1.19
