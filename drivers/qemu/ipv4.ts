/** Whether the text is an IPv4 address in the usual form. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Whether the text is an address of 127.0.0.0/8 that a server can listen on. */
export function isLoopback(text: string): boolean {
  return isIpv4(text) && text.startsWith('127.') && text !== '127.0.0.0' && text !== '127.255.255.255';
}
