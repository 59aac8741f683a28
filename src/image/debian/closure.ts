import { TmachineError } from '../../errors/tmachine-error.ts';
import type { DebianPackage, PackagesIndex } from './packages-index.ts';
import { type Dependency, formatRelation, meetsBound, parseRelations, type Relation } from './relation.ts';
import { compareVersions } from './version.ts';

/** What to install. `roots` are relations (`docker.io`, `a | b (>= 2)`). */
export interface ClosureRequest {
  readonly roots: readonly string[];
  /** Names that count as installed, in any version, without being so: what they do is done otherwise. */
  readonly assumed: readonly string[];
}

/**
 * All packages the roots need, by `Depends` and `Pre-Depends` (not `Recommends`), ordered by name. Of alternatives the
 * first that can be had is taken unless one is there already; a real package goes before those that provide its name.
 *
 * @throws TmachineError `UNSATISFIABLE` naming the chain that leads to what is missing.
 */
export function resolveClosure(index: PackagesIndex, request: ClosureRequest): readonly DebianPackage[] {
  const search: Search = { index, assumed: new Set(request.assumed), chosen: new Map(), impossible: new Map() };
  for (const relation of request.roots.flatMap(parseRelations)) {
    const missing = settle(search, relation);
    if (missing !== undefined) throw unsatisfiable(missing);
  }
  return [...search.chosen.values()].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** A relation nothing meets, and the packages that lead to it, the outermost first. */
interface Missing {
  readonly relation: Relation;
  readonly chain: readonly DebianPackage[];
  /** Only another version chosen before stands in the way; another order of choices may succeed. */
  readonly clash: boolean;
}

interface Search {
  readonly index: PackagesIndex;
  readonly assumed: ReadonlySet<string>;
  /** In the order of choice, so that a failed try can be taken back from the end. */
  readonly chosen: Map<string, DebianPackage>;
  /** What failed once fails always, since conflicts play no part. */
  readonly impossible: Map<DebianPackage, Missing>;
}

function settle(search: Search, relation: Relation): Missing | undefined {
  if (relation.some((dependency) => isMet(search, dependency))) return undefined;
  let firstFailure: Missing | undefined;
  for (const candidate of relation.flatMap((dependency) => candidatesFor(search.index, dependency))) {
    const failure = tryPackage(search, candidate);
    if (failure === undefined) return undefined;
    firstFailure ??= failure;
  }
  return firstFailure ?? { relation, chain: [], clash: false };
}

function tryPackage(search: Search, candidate: DebianPackage): Missing | undefined {
  const known = search.impossible.get(candidate);
  if (known !== undefined) return known;
  const other = search.chosen.get(candidate.name);
  if (other !== undefined && other !== candidate) return clashOf(candidate);
  const before = search.chosen.size;
  search.chosen.set(candidate.name, candidate);
  for (const relation of candidate.depends) {
    const missing = settle(search, relation);
    if (missing === undefined) continue;
    for (const name of [...search.chosen.keys()].slice(before)) search.chosen.delete(name);
    const failure = { ...missing, chain: [candidate, ...missing.chain] };
    if (!missing.clash) search.impossible.set(candidate, failure);
    return failure;
  }
  return undefined;
}

function clashOf({ name, version }: DebianPackage): Missing {
  return { relation: [{ name, bound: { operator: '=', version } }], chain: [], clash: true };
}

function isMet(search: Search, dependency: Dependency): boolean {
  if (search.assumed.has(dependency.name)) return true;
  const real = search.chosen.get(dependency.name);
  if (real !== undefined && meetsBound(real.version, dependency.bound)) return true;
  return providersFor(search.index, dependency).some((provider) => search.chosen.get(provider.name) === provider);
}

function candidatesFor(index: PackagesIndex, dependency: Dependency): readonly DebianPackage[] {
  const real = index
    .find(dependency.name)
    .filter((candidate) => meetsBound(candidate.version, dependency.bound))
    .sort((a, b) => compareVersions(b.version, a.version));
  return [...real, ...providersFor(index, dependency)];
}

/** Debian Policy 7.5: a versioned dependency is met only by a versioned `Provides`. */
function providersFor(index: PackagesIndex, dependency: Dependency): readonly DebianPackage[] {
  return index
    .findProviders(dependency.name)
    .filter(({ version }) =>
      version === undefined ? dependency.bound === undefined : meetsBound(version, dependency.bound),
    )
    .map((provider) => provider.package);
}

function unsatisfiable({ relation, chain }: Missing): TmachineError {
  const needed = formatRelation(relation);
  const path = chain.map(({ name, version }) => `${name} ${version}`).join(' → ');
  const message = `Cannot resolve the packages of the boot image: nothing in the suite meets "${needed}"`;
  return new TmachineError(path === '' ? message : `${message}, needed by ${path}`, {
    code: 'UNSATISFIABLE',
    hint: 'the mirror may be in the middle of an update: try again later, or name another suite or mirror',
  });
}
