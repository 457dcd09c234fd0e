/** For the cause of SSH_UNREACHABLE. */
export function noBanner(received: string): Error {
  const seen = JSON.stringify(received.slice(0, 80));
  return new Error(
    received === '' ? 'the server closed the connection' : `what answers is no SSH server: ${seen}`,
  );
}
