import { describe, expect, it } from 'vitest';
import { type ChatMessage, createChatRenderer } from '../../../src/sampler/chat-template.ts';

const MESSAGES: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: '12+7?' },
  { role: 'user', content: 'Well?' },
];
const render = (template: string, tokens = {}) => createChatRenderer(template, tokens)(MESSAGES);

/** Expected texts are those of jinja2 with the settings of transformers. */
describe('a chat template', () => {
  it.each([
    ['tools are none', '{% if tools is not none %}T{{ tools | length }}{% endif %}x', 'x'],
    ['documents are none', '{% if documents is not none %}DOCS{% endif %}x', 'x'],
    ['tools are defined', '{% if tools is defined %}d{% endif %}{% if not tools %}n{% endif %}', 'dn'],
    ['line ends', 'a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc\r\n', 'a\nb\nc'],
    ['tokens', '{{ bos_token }}{{ messages[0].content }}', '<s>Be brief.'],
    [
      'break keeps what its pass has written',
      '{% for m in messages %}{{ m.content }}{% if loop.index == 2 %}!{% break %}{% endif %}-{% endfor %}END',
      'Be brief.-12+7?!END',
    ],
    [
      'continue keeps what its pass has written',
      "{% for m in messages %}[{{ m.role }}]{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.content }}{% endfor %}",
      '[system][user]12+7?[user]Well?',
    ],
    [
      'break in a loop in a loop ends the inner one, every time',
      '{% for m in messages %}{% for i in [1, 2, 3] %}{{ i }}{% if i == 2 %}{% break %}{% endif %},{% endfor %};{% endfor %}',
      '1,2;1,2;1,2;',
    ],
    [
      'both, in branches',
      '{% for i in [1, 2, 3, 4, 5] %}{% if i == 2 %}a{% continue %}b{% elif i == 4 %}c{% break %}d{% else %}{{ i }}{% endif %}.{% endfor %}',
      '1.a3.c',
    ],
    ['an else of a loop', '{% for i in [] %}x{% else %}none{% endfor %}', 'none'],
    [
      "break in a macro's loop",
      '{% macro f() %}{% for i in [1, 2] %}{{ i }}{% break %}{% endfor %}{% endmacro %}{{ f() }}{{ f() }}',
      '11',
    ],
  ])('%s', (_, template, wanted) => {
    expect(render(template, { bos_token: '<s>' })).toBe(wanted);
  });
});
