import { withSuggestion } from '../../../../src/agent/build/dockerfile/suggestion.js';

test.each([
  ['RUNN', 'x (did you mean RUN?)'],
  ['coyp', 'x (did you mean copy?)'],
  ['Rnu', 'x (did you mean run?)'],
  ['RUN', 'x'],
  ['ENTIRELY', 'x'],
])('%s', (written, wanted) => {
  expect(withSuggestion('x', written, ['RUN', 'COPY', 'FROM'])).toBe(wanted);
});
