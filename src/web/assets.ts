import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Asset {
  /** Where browsers fetch it; the name holds a hash of the content, so that a copy never grows old. */
  path: string;
  type: string;
  body: Buffer;
}

function asset(file: string | URL, name: string, extension: string, type: string): Asset {
  const body = readFileSync(file);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${name}.${hash}.${extension}`, type, body };
}

// The build copies the folder beside the compiled file, so the same place is right in `src` and in `dist`.
const own = (file: string): URL => new URL(`./assets/${file}`, import.meta.url);
const { resolve } = createRequire(import.meta.url);
const htmx = resolve('htmx.org/dist/htmx.min.js');
// The package names its modules alone; the bundle for a page without a bundler lies beside them.
const webauthn = join(dirname(resolve('@simplewebauthn/browser')), '../dist/bundle/index.umd.min.js');

const SCRIPT = 'text/javascript; charset=utf-8';

/** Everything that a page fetches besides itself; read once at start. */
export const assets = {
  css: asset(own('sasae.css'), 'sasae', 'css', 'text/css; charset=utf-8'),
  script: asset(own('sasae.js'), 'sasae', 'js', SCRIPT),
  htmx: asset(htmx, 'htmx', 'js', SCRIPT),
  passkeys: asset(own('passkeys.js'), 'passkeys', 'js', SCRIPT),
  webauthn: asset(webauthn, 'webauthn', 'js', SCRIPT),
  icon: asset(own('icon.svg'), 'icon', 'svg', 'image/svg+xml'),
} satisfies Record<string, Asset>;

export const assetPath = (name: keyof typeof assets): string => assets[name].path;

const byPath = new Map<string, Asset>(Object.values(assets).map((one) => [one.path, one]));

/** The asset with this file name (with its hash), if it is one of ours. */
export const assetOf = (file: string): Asset | undefined => byPath.get(`/assets/${file}`);
