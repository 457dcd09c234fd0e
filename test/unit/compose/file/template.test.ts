import fc from 'fast-check';
import { substitute, variablesIn } from '../../../../src/compose/file/template.js';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are Compose's
const values: Readonly<Record<string, string>> = { V: 'value', E: '', _a1: 'lower' };

function expand(template: string): { readonly text: string; readonly unset: readonly string[] } {
  const unset: string[] = [];
  const text = substitute(template, { lookup: (name) => values[name], unset: (name) => unset.push(name) });
  return { text, unset };
}

test.each([
  ['$V ${V}x $_a1', 'value valuex lower'],
  ['a$$b $${V}', 'a$b ${V}'],
  ['${NO:-d}${E:-e}${E-f}${V:-g}${NO-h}', 'devalueh'],
  ['${NO:+d}${E:+e}${E+f}${V:+g}${V+h}', 'fgh'],
  ['${V:?no}${E?no}', 'value'],
  ['${NO:-${V}}', 'value'],
  ['${NO:-a${NO2:-b${V}}c}d', 'abvaluecd'],
  ['${NO:-{"a": 1}}', '{"a": 1}'],
  ['${NO:-a:-b}', 'a:-b'],
  ['${NO:-}', ''],
  ['no variables', 'no variables'],
])('"%s" becomes "%s"', (template, text) => {
  expect(expand(template)).toEqual({ text, unset: [] });
});

test('a variable without value and default is blank, and told of', () => {
  expect(expand('a${NO}b$NO2')).toEqual({ text: 'ab', unset: ['NO', 'NO2'] });
});

test.each(['$', 'a$', '$5', '${', '${V', '${}', '${V V}', '${5}', '${V:x}'])(
  '"%s" is no template',
  (template) => {
    expect(() => expand(template)).toThrow(template);
  },
);

test.each([
  ['${NO:?say it}', 'required variable NO is missing a value: say it'],
  ['${E:?}', 'required variable E is missing a value'],
  ['${NO?because of $V}', 'required variable NO is missing a value: because of value'],
])('"%s" has to have a value', (template, message) => {
  expect(() => expand(template)).toThrow(message);
});

test('a text whose dollar signs are doubled stays what it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(expand(text.replaceAll('$', '$$$$')).text).toBe(text);
    }),
  );
});

test('the variables of a text are found with their defaults', () => {
  expect(variablesIn('$A ${B:-b$C} ${D:?x} ${E+e} $$F')).toEqual([
    { name: 'A', required: false },
    { name: 'B', required: false, defaultValue: 'b$C' },
    { name: 'C', required: false },
    { name: 'D', required: true },
    { name: 'E', required: false, presenceValue: 'e' },
  ]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are Compose's
