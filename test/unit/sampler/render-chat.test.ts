import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChatRenderer } from '../../../src/sampler/chat-template.ts';
import { createRenderer, TemplateLimitError } from '../../../src/sampler/render-chat.ts';
import { HOSTILE_TEMPLATES } from '../../support/hostile-templates.ts';

const CHAT =
  '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<go>{% endif %}';
const user = (content: string) => [{ role: 'user', content }] as const;

describe('a chat template outside of this process', () => {
  it('gives what it gives in this process, in order, however many are asked for', async () => {
    const render = createRenderer(CHAT, {});
    const here = createChatRenderer(CHAT, {});
    const contents = Array.from({ length: 200 }, (_, index) => `${index}\u2028"\ud83d\ude00`);
    const texts = await Promise.all(contents.map((content) => render(user(content))));
    expect(texts).toEqual(contents.map((content) => here(user(content))));
    expect(await render(user('1'), { prompt: false })).toBe('<user>1');
  });

  it('passes on the refusal of a template, on one line', async () => {
    const refusing = createRenderer("{{ raise_exception('no\u001b[2J\nsystem role') }}", {});
    await expect(refusing(user('1'))).rejects.toThrow('no\\u001b[2J\\u000asystem role');
  });

  it.each(Object.entries(HOSTILE_TEMPLATES))(
    'holds one that is %s, and renders others meanwhile',
    async (_, source) => {
      const hostile = createRenderer(source, {});
      const other = createRenderer(CHAT, {});
      const [refused, rendered] = await Promise.allSettled([hostile(user('1')), other(user('2'))]);
      expect(refused.status).toBe('rejected');
      expect(rendered).toEqual({ status: 'fulfilled', value: '<user>2<go>' });
    },
  );

  it('names the limit', async () => {
    const limits = (source: string | undefined) => createRenderer(source ?? '', {})(user('1')).catch((error) => error);
    const loop = await limits(HOSTILE_TEMPLATES['an endless loop']);
    expect(loop).toBeInstanceOf(TemplateLimitError);
    expect(loop.message).toBe('the chat template takes more than 2 s of CPU time');
    expect((await limits(HOSTILE_TEMPLATES['a doubling list'])).message).toMatch(/512 MB of memory/);
  });
});

describe('the sources', () => {
  it('render chat templates in template-process.ts only', () => {
    const root = new URL('../../../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    const users = files.filter((name) => readFileSync(new URL(name, root), 'utf8').includes('createChatRenderer'));
    expect(users.sort()).toEqual(['sampler/chat-template.ts', 'sampler/template-process.ts']);
  });
});
