/** A model's chat template, rendered as transformers does with jinja2. */
import { parse, Template, tokenize } from '@huggingface/jinja';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export type RenderChatHere = (messages: readonly ChatMessage[], options?: { readonly prompt?: boolean }) => string;

/**
 * Renders in this process, for as long as the template likes: for `template-process.ts`, which has limits.
 *
 * @param tokens `bos_token` and its like as text
 * @returns a function that appends the generation prompt unless `prompt` is false
 */
export function createChatRenderer(source: string, tokens: Readonly<Record<string, string>>): RenderChatHere {
  // jinja2 reads every line end as \n.
  const template = new Template(source.replace(/\r\n?/g, '\n'));
  template.parsed.body = keepOutputOfLoops(template.parsed.body);
  return (messages, { prompt = true } = {}) =>
    template.render({ messages, tools: null, documents: null, add_generation_prompt: prompt, ...tokens });
}

type Statement = ReturnType<typeof parse>['body'][number];

/** The parts of a node that hold statements. */
type Node = Statement & { body?: Statement[]; alternate?: Statement[]; defaultBlock?: Statement[] };

/** Variables of one loop: skip the rest of this pass; take no further pass. */
interface Loop {
  readonly skip: string;
  readonly over: string;
}

/**
 * The interpreter forgets what a pass of a loop has written when it meets `break` or `continue`. Here both become
 * variables: what follows in the pass, or in the loop, is only rendered while they are not set.
 */
function keepOutputOfLoops(statements: readonly Statement[]): Statement[] {
  let loops = 0;
  const rewrite = (block: readonly Statement[], loop: Loop | undefined): Statement[] => {
    const rewritten: Statement[] = [];
    for (const [index, statement] of block.entries()) {
      if (loop !== undefined && isControl(statement)) {
        const over = statement.type === 'Break' ? [set(loop.over, true)] : [];
        return [...rewritten, set(loop.skip, true), ...over];
      }
      rewritten.push(rewriteNode(statement, loop));
      if (loop !== undefined && statement.type === 'If' && hasControl(statement))
        return [...rewritten, unless(loop.skip, rewrite(block.slice(index + 1), loop))];
    }
    return rewritten;
  };
  const rewriteNode = (node: Node, loop: Loop | undefined): Statement => {
    if (node.type === 'For') {
      loops += 1;
      const own = { skip: `__skip_${loops}`, over: `__over_${loops}` };
      const body = rewrite(node.body ?? [], own);
      const guarded = (node.body ?? []).some(hasControl) ? [unless(own.over, [set(own.skip, false), ...body])] : body;
      return Object.assign(copy(node), { body: guarded, defaultBlock: rewrite(node.defaultBlock ?? [], loop) });
    }
    // A macro's body is no part of the loop around it.
    const inner = node.type === 'If' ? loop : undefined;
    return Object.assign(
      copy(node),
      Array.isArray(node.body) ? { body: rewrite(node.body, inner) } : {},
      Array.isArray(node.alternate) ? { alternate: rewrite(node.alternate, inner) } : {},
    );
  };
  return rewrite(statements, undefined);
}

const isControl = ({ type }: Statement): boolean => type === 'Break' || type === 'Continue';

const hasControl = (node: Node): boolean =>
  isControl(node) ||
  (node.type === 'If' && [...(node.body ?? []), ...(node.alternate ?? [])].some((statement) => hasControl(statement)));

const copy = <T extends object>(node: T): T => Object.assign(Object.create(Object.getPrototypeOf(node)), node);

const set = (name: string, value: boolean): Statement => single(`{% set ${name} = ${value} %}`);

const unless = (name: string, body: Statement[]): Statement =>
  Object.assign(single(`{% if not ${name} %}{% endif %}`), { body });

function single(source: string): Statement {
  const [statement] = parse(tokenize(source)).body;
  if (statement === undefined) throw new Error(`no statement in ${source}`);
  return statement;
}
