import { parseSurvey } from '../../../src/provision/ssh-host-access.js';

const base = ['machine=x86_64', 'hostname=web', 'os=PRETTY_NAME="Debian GNU/Linux 12"'];
const encoded = (text: string) => Buffer.from(text).toString('base64');
const config = `agent-config=${encoded('{"listen":{"host":"::","port":12376}}')}`;

test('parseSurvey() finds an agent by its configuration and authority', () => {
  expect(parseSurvey([...base, 'root=yes', config, `agent-ca=${encoded('PEM')}`, ''].join('\n'))).toEqual({
    operatingSystem: 'Debian GNU/Linux 12',
    architecture: 'x86_64',
    hostname: 'web',
    root: true,
    agent: { port: 12376, authority: 'PEM' },
  });
});

test.each([
  ['nothing', []],
  ['a configuration without an authority', [config]],
  ['a configuration that is damaged', [`agent-config=${encoded('{')}`, `agent-ca=${encoded('PEM')}`]],
])('parseSurvey() finds no agent in %s', (_, lines) => {
  const survey = parseSurvey([...base, ...lines, 'docker=28.1.0'].join('\n'));

  expect(survey.agent).toBeUndefined();
  expect(survey).toMatchObject({ root: false, docker: { version: '28.1.0' } });
});
