/** A context of 100 MB and a Dockerfile of ten steps, for the builds. */
import { randomFillSync } from 'node:crypto';
import { tarMember } from './image.mjs';

const dockerfile = `FROM busybox
ENV STAGE=bench
WORKDIR /app
RUN echo one > one
COPY files /app/files
RUN cat files/1 | head -c 10 > two
LABEL of=bench
RUN echo three > three
EXPOSE 8080
CMD ["sh"]
`;

let archive;

/** The same bytes at every call: with them the second build is cached. */
export function buildContext() {
  archive ??= makeContext();
  return archive;
}

function makeContext() {
  const files = Array.from({ length: 100 }, (_, index) =>
    tarMember(`files/${index}`, randomFillSync(Buffer.alloc(1_000_000))),
  );
  return Buffer.concat([tarMember('Dockerfile', Buffer.from(dockerfile)), ...files, Buffer.alloc(1024)]);
}
