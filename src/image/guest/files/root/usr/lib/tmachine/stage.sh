# Tells whoever reads the serial console how far the guest is.
stage() {
  echo "tmachine: $1" > /dev/console
}
