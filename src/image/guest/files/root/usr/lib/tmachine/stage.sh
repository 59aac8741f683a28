# Tells whoever reads the serial console how far the guest is; dmesg has it with the time.
stage() {
  echo "tmachine: $1" > /dev/console
  echo "tmachine: $1" > /dev/kmsg
}
