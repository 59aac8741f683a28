module docker-machine-driver-fake

go 1.18
