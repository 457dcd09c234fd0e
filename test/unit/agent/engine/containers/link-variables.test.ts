import { linkVariables } from '../../../../../src/agent/engine/containers/link-variables.js';

test("a link's variables name its first port, every port, runs of ports, and the variables of the other container", () => {
  const variables = linkVariables({
    linkName: '/web/my-db',
    address: '172.17.0.3',
    exposed: ['53/udp', '5433/tcp', '5432/tcp'],
    environment: ['PATH=/bin', 'MODE=fast', 'EMPTY='],
  });

  expect(variables).toEqual([
    'MY_DB_PORT=tcp://172.17.0.3:5432',
    'MY_DB_PORT_5432_TCP=tcp://172.17.0.3:5432',
    'MY_DB_PORT_5432_TCP_ADDR=172.17.0.3',
    'MY_DB_PORT_5432_TCP_PORT=5432',
    'MY_DB_PORT_5432_TCP_PROTO=tcp',
    'MY_DB_PORT_5433_TCP=tcp://172.17.0.3:5433',
    'MY_DB_PORT_5433_TCP_ADDR=172.17.0.3',
    'MY_DB_PORT_5433_TCP_PORT=5433',
    'MY_DB_PORT_5433_TCP_PROTO=tcp',
    'MY_DB_PORT_53_UDP=udp://172.17.0.3:53',
    'MY_DB_PORT_53_UDP_ADDR=172.17.0.3',
    'MY_DB_PORT_53_UDP_PORT=53',
    'MY_DB_PORT_53_UDP_PROTO=udp',
    'MY_DB_PORT_5432_TCP_START=tcp://172.17.0.3:5432',
    'MY_DB_PORT_5432_TCP_PORT_START=5432',
    'MY_DB_PORT_5432_TCP_END=tcp://172.17.0.3:5433',
    'MY_DB_PORT_5432_TCP_PORT_END=5433',
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_MODE=fast',
    'MY_DB_ENV_EMPTY=',
  ]);
});
