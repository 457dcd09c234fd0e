import { runInNewContext } from 'node:vm';
import { deferRequires } from '../../../scripts/lazy-requires.mjs';

/** Runs a CommonJS module whose requirements are written down when they are asked for. */
function load(source: string) {
  const asked: string[] = [];
  const exports: Record<string, unknown> = {};
  const require = (name: string) => {
    asked.push(name);
    return { default: class Default {}, Thing: class Thing {}, say: () => name };
  };
  const __importDefault = (module: unknown) => module;
  const __importStar = (module: unknown) => module;
  runInNewContext(deferRequires(source), { require, exports, __importDefault, __importStar, Object });
  return { asked, exports: exports as Record<string, () => unknown> };
}

test('a module is required at its first use, and once', () => {
  const { asked, exports } = load(
    'const help_1 = require("./help");\nexports.say = () => (0, help_1.say)();\nexports.make = () => new help_1.default();',
  );
  expect(asked).toEqual([]);

  expect(exports['say']?.()).toBe('./help');
  exports['make']?.();
  exports['say']?.();

  expect(asked).toEqual(['./help']);
});

test('a default import, and names that begin alike, are told apart', () => {
  const { asked, exports } = load(
    'const a_1 = __importDefault(require("a"));\nconst a_10 = require("b");\nexports.say = () => a_10.say();\nexports.other = a_10.a_1;',
  );

  expect(exports['say']?.()).toBe('b');
  expect(asked).toEqual(['b']);
});

test('what a class extends is required at once', () => {
  const { asked } = load('var base_1 = require("./base");\nclass A extends base_1.Thing {}\nnew A();');

  expect(asked).toEqual(['./base']);
});

test('re-exported namespaces are required when they are read', () => {
  const { asked, exports } = load('exports.Flags = __importStar(require("./flags"));');
  expect(asked).toEqual([]);

  expect(exports['Flags']).toHaveProperty('say');
  expect(asked).toEqual(['./flags']);
});
