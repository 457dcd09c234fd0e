/** Where everything lies on a host. `rm` of these four removes all of tsmachine but its service entry. */
export const hostPaths = {
  /** Programs, content-addressed: `node/<digest>/node`, `agent/<digest>/{agent.mjs,koffi.node}`. */
  programs: '/opt/tsmachine',
  launcher: '/opt/tsmachine/bin/tsmachine-agent',
  supervisor: '/opt/tsmachine/bin/supervise',
  configuration: '/etc/tsmachine',
  agentConfig: '/etc/tsmachine/agent.json',
  ca: '/etc/tsmachine/tls/ca.pem',
  /** Authorities of clients beside `ca`, one file each, of stores and people who were let in. */
  clientAuthorities: '/etc/tsmachine/tls/clients.d',
  serverCertificate: '/etc/tsmachine/tls/server.pem',
  serverKey: '/etc/tsmachine/tls/server-key.pem',
  /** Exists while a changed service still has to be restarted, also after a connection that broke in between. */
  restartMarker: '/etc/tsmachine/restart-needed',
  data: '/var/lib/tsmachine',
  run: '/run/tsmachine',
  socket: '/run/tsmachine/docker.sock',
  dockerShim: '/usr/local/bin/docker',
  log: '/var/log/tsmachine-agent.log',
} as const;
