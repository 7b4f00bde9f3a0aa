/** Where the model's turn ends: at a control token, or where it goes on with an invented user or another problem. */

const CONTROL =
  /<[|｜](?:im_end|im_start|eot_id|eot|eom_id|eos|end|return|endoftext|end_of_text|end[▁_ ]of[▁_ ](?:sentence|turn|text|solution)|endofturn|start_header_id|user|system|human|User|EOT|END_RESPONSE|END_OF_TURN_TOKEN)[|｜]>|<\/?s>|<\/?(?:eos|bos)>|<(?:end|start)_of_turn>|\[\/?INST\]|<<\/?SYS>>/g;

/** Before the turn proper: `<s>`, `<|im_start|>assistant`. */
const OPENING =
  /^(?:\s|<[|｜](?:im_start|start_header_id|assistant|Assistant|start|begin[▁_]of[▁_](?:text|sentence)|begin_of_solution|START_RESPONSE|end_header_id|bos)[|｜]>|<s>|<bos>|<start_of_turn>|(?<=[|｜]>|_of_turn>)(?:assistant|model)\b|\[\/INST\])+/;

/** A line by which a transcript gives the word to somebody else. */
const SPEAKER =
  /[ \t>#*]{0,8}(?:Human|User|USER|HUMAN|Student|Instruction|INSTRUCTION|Prompt|用户|人类|Пользователь|Utilisateur|Usuario|Benutzer)[ \t]{0,3}\*{0,2}[:：]/y;

const PROBLEM_WORD =
  '(?:next |new |another |follow-?up |additional |similar )?(?:question|problem|exercise|puzzle|task|example)|Q|题目|问题|问|例题?|习题|练习|第[\\d一二三四五六七八九十]{1,3}题|下一题|задача|вопрос|упражнение|exercice|problème|pregunta|problema|ejercicio|pergunta|exercício|frage|aufgabe|domanda|esercizio|問題|문제|질문|سؤال|السؤال';

/** A line that begins another problem. */
const PROBLEM = new RegExp(
  `[ \\t>#*_]{0,8}(?:(?:${PROBLEM_WORD})[ \\t]{0,2}(?:#|n[°º]|no\\.)?[ \\t]{0,2}[\\d一二三四五六七八九十]{0,4}[ \\t]{0,2}[.)）]?\\*{0,2}[ \\t]{0,2}(?:[:：]|(?=\\n)|$|(?<=[\\d.)）*])[ \\t])|(?:###?[ \\t]*)?(?:Instruction|Response to (?:the )?(?:next|another))|(?:now|next),?[ \\t](?:let(?:'s| us) )?(?:solve|try|consider|do)[ \\t](?:the following|another|the next|a new|a similar)|here(?:'s| is)[ \\t](?:another|the next|a new|a similar|one more)[ \\t]|(?:please[ ,]{1,2})?(?:reason|think|work)[ \\t]step[ \\t-]by[ \\t-]step|(?:please[ \\t])?(?:put|give|write|provide|enclose|box|present|place)[ \\t](?:your|the)[ \\t](?:final[ \\t])?answers?|请(?:逐步|一步|把|将|在))`,
  'iuy',
);

/** Says that a text before a new problem has answered the old one. */
const ANSWERED =
  /\\(?:boxed|fbox)\s*\{|####\s*\S|<\/answer>|answers?\b[^\n]{0,20}?(?:\bis\b|\bare\b|[:=])[^\n]{0,40}?[\d$\\A-J]|答案?\s*[是为為:：选選]|故选|ответ|réponse|respuesta|resposta|risposta|antwort|答え|정답|답[은:]|الإجابة|(?:^|[\n.!。]\s*)(?:so|thus|hence|therefore|donc|also|por tanto|所以|因此|综上|故)[^\n]{0,200}\d[^\n]{0,40}\s*$/i;

/**
 * The model's own turn: without opening control tokens, up to the first one that ends it, and up to an invented user or, once there is
 * an answer, another problem.
 */
export function ownTurn(whole: string): string {
  let text = whole;
  if (text.includes('<') || text.includes('INST]')) {
    text = text.replace(OPENING, '');
    for (const match of text.matchAll(CONTROL)) {
      const before = text.slice(0, match.index);
      if (before.trim() === '') continue;
      text = before;
      break;
    }
  }
  let isAnswered: boolean | undefined;
  for (let at = text.indexOf('\n') + 1; at > 0; at = text.indexOf('\n', at) + 1) {
    SPEAKER.lastIndex = at;
    if (SPEAKER.test(text) && text.slice(0, at).trim() !== '') return text.slice(0, at);
    PROBLEM.lastIndex = at;
    if (!PROBLEM.test(text)) continue;
    // What was answered once stays so.
    isAnswered ||= ANSWERED.test(text.slice(Math.max(0, at - 2_000), at).trimEnd());
    if (isAnswered) return text.slice(0, at);
  }
  return text;
}
