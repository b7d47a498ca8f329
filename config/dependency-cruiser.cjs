/** The rooms of src, ground floor first. A room imports only rooms before it, another domain only through its index. */
const ROOMS = [
  'kernel',
  'platform',
  'web',
  'access',
  'log',
  'organisations',
  'people',
  'cases',
  'ledger',
  'funds',
  'grants',
  'disbursements',
  'reports',
  'imports',
  'notices',
  'privacy',
  'home',
];
const OPEN_ROOMS = ['kernel', 'platform', 'web'];
const oneOf = (rooms) => `^src/(${rooms.join('|')})/`;

const upward = ROOMS.slice(0, -1).map((room, floor) => ({
  name: `${room}-imports-only-rooms-below-it`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: oneOf(ROOMS.slice(floor + 1)) },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'a-domain-is-entered-through-its-index',
      comment: 'Import another room from its index.ts only.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: oneOf(ROOMS.filter((room) => !OPEN_ROOMS.includes(room))),
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'rooms-know-no-entry',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.tsx?$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'kernel-is-free-of-frameworks',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: 'node_modules/(@nestjs|typeorm|fastify|pg|bullmq)' },
    },
    {
      name: 'the-product-knows-no-test',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^test/', dependencyTypesNot: [] },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
