'use strict';

const { builtinModules } = require('node:module');
const swc = require('@swc/core');

// dependency-cruiser 17 never tells swc of JSX, so it could not read a .tsx file.
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });

const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: '^lib/', pathNot: to },
});

/**
 * Which way imports go (docs/architecture.md): core ← codec ← the server, the client and trace; chat is the
 * program over the client, display what people read. Within the server: log and
 * access ← room and actors ← service ← rpc ← server.ts, and the door beside them. spec/directions.spec.ts plants violations of each
 * rule. TypeScript 7 has no JavaScript API, so the sources are read with swc.
 */
module.exports = {
  forbidden: [
    only('core-knows-nothing-else', '^lib/core/', '^lib/core/', 'The rules are pure.'),
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'The rules need nothing of their platform but `#sha256`, a pure function that package.json chooses.',
      from: { path: '^lib/core/' },
      to: { pathNot: ['^lib/core/', '^dist/platform/sha256\\.js$'] },
    },
    {
      name: 'browsers-need-no-node',
      severity: 'error',
      comment:
        'The core and the protocol of clients run in a browser, with all that they stand on. What is a global of Node alone, tsconfig.browser.json does not know.',
      from: { path: '^lib/(core|client/session)/' },
      to: { path: `^(node:.+|${builtinModules.join('|')}|node_modules/@grpc/.+)$`, reachable: true },
    },
    only('codec-knows-core', '^lib/codec/', '^lib/(core|codec)/', 'Bytes and events, no transport.'),
    only(
      'platform-knows-nothing-else',
      '^lib/platform/',
      '^lib/platform/',
      'Files, locks, waits and log records, whoever has them.',
    ),
    only(
      'log-knows-core-and-codec',
      '^lib/server/log/',
      '^lib/(core|codec|platform|server/log)/',
      'A log keeps events; who reads them is not its business.',
    ),
    only(
      'room-knows-no-actor',
      '^lib/server/room/',
      '^lib/(core|codec|platform|server/(log|access|room))/',
      'What happens in a room does not depend on who lets it happen.',
    ),
    only(
      'actors-know-no-transport',
      '^lib/server/actors/',
      '^lib/(core|codec|platform|server/(log|access|actors|room))/',
      'Actors know no gRPC.',
    ),
    only(
      'access-knows-core',
      '^lib/server/access/',
      '^lib/(core|server/access)/',
      'What a participant or an address may take is decided without actors, sockets and stores.',
    ),
    only(
      'door-knows-no-chat',
      '^lib/server/door/',
      '^lib/(core|platform|server/(access|door))/',
      'The door knows sockets and frames, and nothing of rooms.',
    ),
    {
      name: 'actors-choose-no-store',
      severity: 'error',
      comment: 'Actors know the EventLog; the composition root chooses which.',
      from: { path: '^lib/server/(actors|room)/' },
      to: { path: '^lib/server/log/', pathNot: '^lib/server/log/(event-log|run)\\.ts$' },
    },
    only(
      'service-knows-no-wire',
      '^lib/server/service/',
      '^lib/(core|codec|platform|server/(access|actors|room|service))/',
      'Reads are answered in the same way whatever wire they come by.',
    ),
    only(
      'rpc-knows-no-store',
      '^lib/server/rpc/',
      '^lib/(core|codec|platform|server/(access|actors|door|room|rpc|service))/',
      'The service asks actors, never a store.',
    ),
    only(
      'display-knows-core',
      '^lib/display/',
      '^lib/(core|display)/',
      'What people read, whichever program shows it.',
    ),
    only(
      'client-knows-no-server',
      '^lib/client/',
      '^lib/(core|codec|platform|client)/',
      'The library is for programs of any kind: it has no files, no screen and no server.',
    ),
    only(
      'session-knows-no-driver',
      '^lib/client/session/',
      '^lib/(core/(clock|event|rejection|text)\\.ts$|codec/(log-records|messages)\\.ts$|client/(session/|chat-client|errors|limits))',
      "The client's protocol is decided by what happens alone.",
    ),
    {
      name: 'session-is-pure',
      severity: 'error',
      comment:
        "The client's protocol, and what it stands on, does no I/O, has no clock and no randomness: no package, nothing of Node.",
      from: {
        path: '^lib/(client/(session/|errors|limits)|core/(clock|event|rejection|text)\\.|codec/(log-records|messages)\\.)',
      },
      to: { pathNot: '^lib/' },
    },
    {
      name: 'client-drivers-apart',
      severity: 'error',
      comment: 'What drives a session by a transport knows not which; connect.ts chooses.',
      from: { path: '^lib/client/', pathNot: '^lib/client/(grpc/|connect\\.ts$)' },
      to: { path: '^lib/client/grpc/|@grpc/' },
    },
    only(
      'chat-knows-client-and-display',
      '^lib/chat/',
      '^lib/(core|platform|client|display|chat)/',
      'The program talks by the library, and knows no bytes of the contract.',
    ),
    only(
      'trace-knows-no-program',
      '^lib/trace/',
      '^lib/(core|codec|display|platform|trace)/',
      'Who judges a history knows what was promised, not how it is kept.',
    ),
    only(
      'history-judges-nothing',
      '^lib/trace/history/',
      '^lib/(core|codec|display|trace/history)/',
      'What logs tell is read without knowing what they should.',
    ),
    only(
      'check-draws-nothing',
      '^lib/trace/check/',
      '^lib/(core|display|trace/(history|check))/',
      'A rule is a function from what happened to findings.',
    ),
    only(
      'space-time-judges-nothing',
      '^lib/trace/space-time/',
      '^lib/(core|trace/(history|space-time))/',
      'What happened before what has no judgement in it, and no picture.',
    ),
    only(
      'draw-knows-space-time',
      '^lib/trace/draw/',
      '^lib/(display|trace/(space-time|draw))/',
      'A picture is of a space-time, wherever that is from.',
    ),
    only(
      'show-knows-space-time',
      '^lib/trace/show/',
      '^lib/(display|trace/(space-time|show))/',
      'A transcript is of a space-time, wherever that is from.',
    ),
    only(
      'foreign-knows-check',
      '^lib/trace/foreign/',
      '^lib/(display|trace/(history|check|foreign))/',
      'Another chat is judged by what its lines say: it has none of our events.',
    ),
    {
      name: 'trace-decides-by-itself',
      severity: 'error',
      comment:
        'What the server decides is said once more, independently: of the core the words are shared, and the formulas of clock and chain.',
      from: { path: '^lib/trace/' },
      to: { path: '^lib/core/', pathNot: '^lib/core/(chain|clock|event|rejection|name)\\.ts$' },
    },
    {
      name: 'trace-is-pure',
      severity: 'error',
      comment: 'A history is judged by what it says alone: no I/O, no clock, no package.',
      from: { path: '^lib/trace/' },
      to: { pathNot: '^lib/' },
    },
    only(
      'cli-starts-programs',
      '^lib/cli/',
      '^lib/(chat|cli|client|core|display|platform|trace)/|^lib/server/(server|index)\\.ts$',
      'A command line starts a server or a client, or has logs judged and drawn.',
    ),
    only(
      'trace-command-knows-no-client',
      '^lib/cli/trace/',
      '^lib/(core|display|platform|trace)/|^lib/cli/',
      'Logs are judged and shown without the library and without its program.',
    ),
    {
      name: 'ink-only-at-the-terminal',
      severity: 'error',
      comment: 'Whoever uses the library or the other programs loads no terminal.',
      from: { path: '^lib/', pathNot: '^lib/chat/terminal/' },
      to: { path: '^(ink|react)$|node_modules/(ink|react)/' },
    },
    {
      name: 'grpc-only-at-the-edges',
      severity: 'error',
      comment: 'gRPC is known where it is spoken.',
      from: { path: '^lib/(core|codec|chat|display|server/(log|access|actors|room|service|door))/' },
      to: { path: '@grpc/(grpc-js|reflection)|grpc-health-check' },
    },
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or three.',
      from: { path: '^lib/' },
      to: { circular: true },
    },
    {
      name: 'only-declared-packages',
      severity: 'error',
      comment: 'What lib imports, package.json lists as a dependency.',
      from: { path: '^lib/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import leads somewhere.',
      from: { path: '^lib/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules|^dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
