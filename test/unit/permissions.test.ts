import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { PERMISSIONS } from '../../src/access/permissions.js';
import { ROLES, type Role } from '../../src/kernel/actor.js';

const PAGE = 'docs/permissions.md';

const HEAD = `# Permissions

Who may do what: role × action, rendered from \`src/access/permissions.ts\`, the only such table, by \`npm run docs\`; a
test fails when this page says something else. Every route names its action, and pages ask the same table what to
show. Whose rows an action reaches is a matter of row-level security on top of it.
`;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function pageOf(permissions: Record<string, readonly Role[]>): string {
  return [
    HEAD,
    row(['action', ...ROLES]),
    row(['---', ...ROLES.map(() => ':-:')]),
    ...Object.entries(permissions).map(([action, roles]) =>
      row([`\`${action}\``, ...ROLES.map((role) => (roles.includes(role) ? '●' : ''))]),
    ),
  ].join('\n');
}

test('the page of permissions says what the table says', async () => {
  const page = await format(pageOf(PERMISSIONS), {
    parser: 'markdown',
    printWidth: 110,
    proseWrap: 'preserve',
  });
  if (process.env.UPDATE_DOCS) await writeFile(PAGE, page);
  expect(await readFile(PAGE, 'utf8')).toBe(page);
});
