/** The agent came with the host; nothing of it is to run beside another engine. */
export async function stopAgent(hosts, host) {
  await hosts.shell(
    host,
    '/opt/tsmachine/bin/supervise stop; nft delete table ip tsmachine; ip link delete tsmachine0; :',
  );
}
