// Bundle each file of src/ that is an entry: hashed names, split chunks, packed copies, and a manifest.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'src');
const target = resolve(here, '..', 'static', 'dist');

// bpmn.io makes its few style attributes with innerHTML, which the content security policy forbids: the shim sets the
// same styles through the CSSOM, which it allows. Without it the bpmn.io watermark may leave its place.
const stylesThroughCssom = {
  name: 'styles-through-cssom',
  setup(bundle) {
    bundle.onResolve({ filter: /^domify$/ }, (found) =>
      found.importer === join(source, 'shims', 'domify.js') ? undefined : { path: join(source, 'shims', 'domify.js') },
    );
  },
};

const entries = readdirSync(source)
  .filter((name) => ['.js', '.css'].includes(extname(name)))
  .map((name) => join(source, name));

// The old build goes only when the new one is there: a broken source leaves the site as it was.
const result = await build({
  entryPoints: entries,
  outdir: target,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  metafile: true,
  write: false,
  legalComments: 'linked',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: 'asset-[name]-[hash]',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.svg': 'file', '.eot': 'empty' },
  plugins: [stylesThroughCssom],
  logLevel: 'warning',
});

const files = new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
}

function add(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  files.set(hashed, bytes);
  manifest[name] = hashed;
}

add('sprites.svg', sprites());
add('icon.svg', readFileSync(join(source, 'icon.svg')));
add('licenses.txt', licenses());

// Only the icons that a template names are shipped: a template that asks for another one fails its test.
function sprites() {
  const wanted = JSON.parse(readFileSync(join(source, 'icons.json'), 'utf8'));
  const all = readFileSync(join(here, 'node_modules', 'bootstrap-italia', 'dist', 'svg', 'sprites.svg'), 'utf8');
  const symbols = wanted.map((name) => {
    const symbol = all.match(new RegExp(`<symbol[^>]*id="it-${name}"[\\s\\S]*?</symbol>`));
    if (!symbol) throw new Error(`Expected an icon it-${name} in the sprites of Bootstrap Italia, but there is none.`);
    return symbol[0];
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

// The licences of everything that is shipped to browsers, in one file.
function licenses() {
  const inputs = Object.keys(result.metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const names = [...new Set([...inputs.filter(Boolean), 'bootstrap-italia'])].sort();
  const parts = names.map((name) => {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^licen[sc]e/i.test(file));
    return [`${name} ${version} (${license ?? 'see text'})`, ...texts.map((file) => readFileSync(join(folder, file), 'utf8'))].join('\n\n');
  });
  const fonts = ['Titillium_Web/OFL.txt', 'Roboto_Mono/LICENSE.txt'].map((file) =>
    readFileSync(join(here, 'node_modules', 'bootstrap-italia', 'dist', 'fonts', file), 'utf8'));
  return Buffer.from([...parts, ...fonts].join(`\n\n${'-'.repeat(80)}\n\n`));
}

// New files first, the manifest that names them next, old files last: a site that runs meanwhile finds what it names.
mkdirSync(target, { recursive: true });
const old = new Set(readdirSync(target));
for (const [name, bytes] of files) {
  writeFileSync(join(target, name), bytes);
  old.delete(name);
  old.delete(`${name}.gz`);
  if (['.js', '.css', '.svg', '.txt'].includes(extname(name))) {
    writeFileSync(join(target, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  }
}
old.delete('manifest.json');
writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
for (const name of old) rmSync(join(target, name));
