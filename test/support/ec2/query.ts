/** The request's form as a tree: "Filter.1.Value.2=x" becomes {Filter: [{Value: [, x]}]}; lists begin at 1 on the wire. */
export type Tree = { readonly [key: string]: Tree } | string | undefined;

export function parseForm(body: string): Readonly<Record<string, Tree>> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of new URLSearchParams(body)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let node = root;
    for (const key of keys) {
      node[key] ??= {};
      node = node[key] as Record<string, unknown>; // made on the line above
    }
    node[last] = value;
  }
  return root as Record<string, Tree>;
}

/** What is at the path; undefined when something else is. */
export function textAt(tree: Tree, ...path: readonly string[]): string | undefined {
  const found = treeAt(tree, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The elements "1", "2", … below the path. */
export function listAt(tree: Tree, ...path: readonly string[]): readonly Tree[] {
  const found = treeAt(tree, ...path);
  return found !== undefined && typeof found !== 'string' ? Object.values(found) : [];
}

export function textsAt(tree: Tree, ...path: readonly string[]): readonly string[] {
  return listAt(tree, ...path).filter((value) => typeof value === 'string');
}

function treeAt(tree: Tree, ...path: readonly string[]): Tree {
  let node: Tree = tree;
  for (const key of path) node = node !== undefined && typeof node !== 'string' ? node[key] : undefined;
  return node;
}

export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [tag: string]: Xml };

/** Lists are <item>s, as everywhere in EC2. */
export function renderXml(value: Xml): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => `<item>${renderXml(item)}</item>`).join('');
  if (typeof value !== 'object') {
    return String(value).replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;' })[sign] ?? '&gt;');
  }
  return Object.entries(value)
    .filter(([, content]) => content !== undefined)
    .map(([tag, content]) => `<${tag}>${renderXml(content)}</${tag}>`)
    .join('');
}
