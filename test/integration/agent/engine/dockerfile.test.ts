import { execFileSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { BuildLab } from './support/build-lab.js';

// Row by row what docs.docker.com says in the "Dockerfile reference"; each Dockerfile checks itself.

let lab: BuildLab;
let servers: AsyncDisposableStack;
const web = 'http://127.0.0.1:8098';
let repository: string;
let commit: string;

beforeAll(async () => {
  lab = await BuildLab.start();
  servers = new AsyncDisposableStack();
  servers.use(await serveFiles());
  servers.use(await serveRepository());
});
afterAll(async () => {
  await servers.disposeAsync();
  await lab[Symbol.asyncDispose]();
});

async function serveFiles(): Promise<AsyncDisposable> {
  const directory = await lab.context({ one: 'one\n', two: 'two\n' });
  execFileSync('tar', ['-C', directory, '-czf', join(directory, 'both.tgz'), 'one', 'two']);
  return await lab.lab.serving(
    ['busybox', 'httpd', '-f', '-p', '127.0.0.1:8098', '-h', directory],
    ['busybox', 'wget', '-q', '-O', '/dev/null', `${web}/one`],
  );
}

async function serveRepository(): Promise<AsyncDisposable> {
  const directory = await lab.context({ 'sub/file': 'of git\n' });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      encoding: 'utf8',
    }).trim();
  for (const command of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    ['commit', '-q', '-m', 'x'],
  ])
    git(...command);
  commit = git('rev-parse', 'HEAD');
  repository = `git://127.0.0.1:9419/${basename(directory)}`;
  // Not by "git daemon", which would leave this program behind when it is ended.
  const daemon = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
  const options = ['--listen=127.0.0.1', '--port=9419', '--export-all', `--base-path=${dirname(directory)}`];
  return await lab.lab.serving([daemon, ...options, dirname(directory)], ['git', 'ls-remote', repository]);
}

const digestOfOne = 'sha256:2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806';
const files = { a: 'A\n', b: 'B\n', 'd/one.txt': '1\n', 'd/two.md': '2\n', 'd/e/three.txt': '3\n' };

describe('a Dockerfile', () => {
  test.each<[rule: string, dockerfile: () => string, args: string[]]>([
    [
      'replaces variables with all modifiers',
      () => `FROM busybox
       ENV V=/a/b/c.tar.gz E= X=aXbXc
       ENV R="\${V#*/}|\${V##*/}|\${V%.*}|\${V%%.*}|\${X/X/-}|\${X//X/-}|\${N:-d}|\${E-d}|\${V:+s}|\\$V|\${N:-\${X}}"
       RUN [ "$R" = 'a/b/c.tar.gz|c.tar.gz|/a/b/c.tar|/a/b/c|a-bXc|a-b-c|d||s|$V|aXbXc' ] || { echo "$R"; false; }`,
      [],
    ],
    [
      'knows the arguments of platforms, and ARG before FROM only where it is asked for again',
      () => `ARG TAG=latest
       ARG GLOBAL=global
       FROM --platform=$BUILDPLATFORM busybox:$TAG
       ARG GLOBAL
       ARG TARGETPLATFORM TARGETOS TARGETARCH BUILDARCH
       RUN [ "$GLOBAL-$TAG-$TARGETPLATFORM" = "global--linux/$TARGETARCH" ] && [ $TARGETARCH = $BUILDARCH ]`,
      [],
    ],
    [
      'takes arguments of the command line before defaults, and one argument in another',
      () => `FROM busybox
       ARG A=no
       ARG B=\${A}-b C="c d"
       ENV A2=$A
       RUN [ "$A $B $C $A2" = "yes yes-b c d yes" ]`,
      ['--build-arg', 'A=yes'],
    ],
    [
      'hands arguments on to stages that begin with the one that has them',
      () => `FROM busybox AS one
       ARG A=a B
       FROM one AS two
       FROM two
       RUN [ "$A $B" = "a given" ]`,
      ['--build-arg', 'B=given'],
    ],
    [
      'normalises working directories and makes them',
      () => `FROM busybox
       ENV DIR=/x
       WORKDIR $DIR/y/../z/
       WORKDIR ./sub
       RUN [ "$(pwd)" = /x/z/sub ]`,
      [],
    ],
    [
      'has another escape character where a directive says so',
      () =>
        `# syntax=docker/dockerfile:1.7-labs
       # escape=\`
       FROM busybox
       RUN echo a `
          .concat('`\n  b > /f && [ "$(cat /f)" = "a b" ]')
          .replace(/^ +#/gm, '#'),
      [],
    ],
    [
      'has heredocs of every kind',
      () => `FROM busybox
ARG V=value
RUN <<-ONE <<TWO cat > /joined
\t\tone $V
\tONE
two
TWO
RUN <<EOF
set -e
[ "$(cat /joined)" = "two" ]
a=1
[ "$a" = 1 ]
EOF
COPY <<-"RAW" /raw
\t$V
RAW
COPY --chmod=755 <<EOF <<other.txt /files/
#!/bin/sh
echo $V \\$V
EOF
second
other.txt
RUN [ "$(cat /raw)" = '$V' ] && [ "$(cat /files/other.txt)" = second ] && [ "$(head -n 1 /files/EOF)" = '#!/bin/sh' ]
RUN [ "$(sh -c '. /files/EOF')" = "value value" ]`,
      [],
    ],
    [
      'copies with --parents, with and without a pivot',
      () => `FROM busybox
       COPY --parents d/one.txt d/e/*.txt /p/
       COPY --parents ./d/./e/three.txt /pivot/
       COPY --parents d/**/*.txt /deep/
       RUN cat /p/d/one.txt /p/d/e/three.txt /pivot/e/three.txt /deep/d/one.txt /deep/d/e/three.txt
       RUN [ ! -e /p/d/two.md ] && [ ! -e /deep/d/two.md ]`,
      [],
    ],
    [
      'copies all but what --exclude names',
      () => `FROM busybox
       COPY --exclude=**/*.md --exclude=d/e . /x/
       RUN [ "$(cd /x && find . -type f | sort | tr '\\n' ' ')" = "./Dockerfile ./a ./b ./d/one.txt " ]`,
      [],
    ],
    [
      'copies with owners and modes, octal and symbolic',
      () => `FROM busybox
       COPY --chown=12:34 --chmod=0640 a /o
       COPY --chmod=u=rwX,go=rX d /s
       ADD --chmod=go-rwx a /m
       RUN [ "$(stat -c %u:%g:%a /o) $(stat -c %a /s/e) $(stat -c %a /s/one.txt) $(stat -c %a /m)" = "12:34:640 755 644 600" ]`,
      [],
    ],
    [
      'adds several URLs, each under its own name',
      () => `FROM busybox
       ADD ${web}/one ${web}/two /d/
       RUN [ "$(cat /d/one /d/two | tr '\\n' ' ')" = "one two " ]`,
      [],
    ],
    [
      'checks what it adds, and unpacks archives from URLs only where it is told to',
      () => `FROM busybox
       ADD --checksum=${digestOfOne} ${web}/one /f
       ADD --unpack=true ${web}/both.tgz /t/
       ADD ${web}/both.tgz /u/
       RUN cat /f /t/one /t/two && [ -f /u/both.tgz ]`,
      [],
    ],
    [
      'adds git repositories',
      () => `FROM busybox
       ADD ${repository}#main:sub /sub
       ADD --keep-git-dir=true ${repository} /all
       ADD --checksum=${commit} ${repository}#main /checked
       RUN [ "$(cat /sub/file)" = "of git" ] && [ -d /all/.git ] && [ ! -e /checked/.git ] && cat /checked/sub/file`,
      [],
    ],
    [
      'mounts caches that begin with what is elsewhere',
      () => `FROM busybox AS seed
       RUN mkdir /s && echo seed > /s/f && chown 5:6 /s/f
       FROM busybox
       RUN --mount=type=cache,id=seeded,from=seed,source=/s,target=/c cat /c/f && echo new > /c/g
       RUN --mount=type=cache,id=seeded,from=seed,source=/s,target=/c cat /c/f /c/g && [ $(stat -c %u:%g /c/f) = 5:6 ]`,
      [],
    ],
    [
      'mounts with variables, of images, and of files',
      () => `FROM busybox
       ARG WHERE=/w
       RUN --mount=target=$WHERE,source=d,ro cat $WHERE/one.txt
       RUN --mount=type=bind,from=busybox,source=/bin/busybox,target=/bb [ -x /bb ]
       RUN --mount=type=tmpfs,target=/t,size=1m [ $(df -k /t | tail -n 1 | awk '{print $2}') = 1024 ]`,
      [],
    ],
    [
      'keeps quotes and blanks as they are',
      () => `FROM busybox
       ENV A="a  b" B='$A' C=a\\ b N=$A
       ENV D=$A
       RUN [ "$A|$B|$C|$D|$N" = 'a  b|$A|a b|a  b|' ]
       COPY ["a", "/with blank"]
       RUN cat "/with blank"
       RUN ["sh", "-c", "[ \\"$D\\" = 'a  b' ]"]`,
      [],
    ],
  ])('%s', async (_, dockerfile, args) => {
    await lab.build({ ...files, Dockerfile: dockerfile() }, args);
  });

  test('sets all of the configuration', async () => {
    await lab.build(
      {
        Dockerfile: `FROM busybox
          EXPOSE 80 8000-8002/udp 90/TCP
          VOLUME ["/a b", "/c"]
          VOLUME /d /e
          LABEL a=b "c d"='e f' g="multi \\
line"
          STOPSIGNAL SIGRTMIN+3
          HEALTHCHECK --interval=1m30s --timeout=5s --start-period=2s --start-interval=500ms --retries=4 CMD ["true"]
          SHELL ["/bin/sh", "-ec"]
          ENTRYPOINT exec top
          USER 1:2`,
      },
      ['-t', 'configured'],
    );

    const config = JSON.parse(await lab.ok(['inspect', '-f', '{{json .Config}}', 'configured']));

    expect(config).toMatchObject({
      ExposedPorts: { '80/tcp': {}, '8000/udp': {}, '8001/udp': {}, '8002/udp': {}, '90/tcp': {} },
      Volumes: { '/a b': {}, '/c': {}, '/d': {}, '/e': {} },
      Labels: { a: 'b', 'c d': 'e f', g: 'multi line' },
      StopSignal: 'SIGRTMIN+3',
      Healthcheck: {
        ...{
          Test: ['CMD', 'true'],
          Interval: 90e9,
          Timeout: 5e9,
          StartPeriod: 2e9,
          StartInterval: 5e8,
          Retries: 4,
        },
      },
      ...{ Shell: ['/bin/sh', '-ec'], Entrypoint: ['/bin/sh', '-ec', 'exec top'], User: '1:2' },
    });
  });
});

describe('what is wrong is said as BuildKit says it', () => {
  test.each([
    ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    [
      'FROM busybox AS 1x',
      'invalid name for build stage: "1x", name can\'t start with a number or contain symbols',
    ],
    ['RUN true', 'dockerfile parse error on line 1: no build stage in current context'],
    ['FROM busybox\nFOO', 'dockerfile parse error on line 2: unknown instruction: FOO'],
    ['FROM busybox\nRUNN true', 'unknown instruction: RUNN (did you mean RUN?)'],
    ['FROM busybox\nCOPY --form=x a /', 'unknown flag: --form (did you mean from?)'],
    [
      'FROM busybox\nCOPY a',
      'COPY requires at least two arguments, but only one was provided. Destination could not be determined',
    ],
    ['FROM busybox\nENV', 'ENV requires at least one argument'],
    ['FROM busybox\nENV a', 'ENV must have two arguments'],
    ['FROM busybox\nLABEL =x', 'LABEL names can not be blank'],
    [
      'FROM busybox\nCOPY --from=$X a /',
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    ],
    ['FROM busybox\nRUN --mount=type=nfs,target=/x true', 'unsupported mount type "nfs"'],
    ['FROM busybox\nRUN --mount=type=bind,target=/x,foo=y true', "unexpected key 'foo' in 'foo=y'"],
    ['FROM busybox\nRUN --network=mine true', 'unsupported network mode'],
    ['FROM busybox\nWORKDIR', 'WORKDIR requires exactly one argument'],
    ['FROM busybox\nADD --checksum=sha256:00 http://127.0.0.1:8098/one /', 'invalid checksum digest length'],
    [`FROM busybox\nADD --checksum=${digestOfOne} http://127.0.0.1:8098/two /`, 'digest mismatch'],
    [`FROM busybox\nADD --checksum=${digestOfOne} a /`, 'checksum requires HTTP(S) or Git sources'],
    ['FROM busybox\nRUN <<EOF\ntrue', 'unterminated heredoc'],
    ['# escape=x\nFROM busybox', "invalid escape token 'x' does not match ` or \\"],
    ['FROM busybox\nONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
    ['FROM busybox\nSTOPSIGNAL', 'STOPSIGNAL requires exactly one argument'],
    ['FROM busybox\nSHELL sh', 'SHELL requires the arguments to be in JSON form'],
    ['FROM busybox\nHEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
    ['FROM busybox\nEXPOSE x', 'invalid containerPort: x'],
  ])('%j', async (Dockerfile, wanted) => {
    expect(await lab.failure({ a: '', Dockerfile })).toContain(wanted);
  });
});
