module lux9.test/module

go 1.19
