/** Sentences that give no answer: refusals, retractions, plans and repetitions of the problem. */

const REFUSED: readonly string[] = [
  "\\b(?:I|we) (?:really |honestly |still |just |simply )*(?:do not|don['’]t|did not|didn['’]t) (?:really )?(?:know|remember|recall|see how|understand|have (?:an|the|any|enough))",
  "\\b(?:can ?not|can['’]t|could not|couldn['’]t|unable|not able|failed|fail|was not able|wasn['’]t able)(?: (?:to|yet|really|currently|reliably|confidently|fully))* (?:determine|find|solve|compute|answer|figure|give|provide|finish|complete|conclude|say|decide|reach|come up|work|derive|obtain|see how|continue|remember|recall|tell|evaluate|calculate|prove|get|simplify|identify|resolve|proceed|generali[sz]e|help|go on|handle|settle)",
  "\\b(?:I|we) (?:just |really |still |simply |unfortunately )*(?:can ?not|can['’]t|could(?: not|n['’]t)|am not able|was not able|do not have|don['’]t have|would have to|am afraid)|\\bI['’]d have to|\\bit (?:remains|is left) to\\b|\\bI (?:will |shall |['’]ll )?(?:stop|leave (?:it|the))\\b|\\b(?:not enough|too little|insufficient)\\b|\\bunderdetermined\\b|\\bno (?:unique )?(?:answer|conclusion) (?:exists|is possible)|\\bwithout (?:knowing|further)",
  "\\b(?:not|n['’]t) (?:sure|certain) how|\\bnot sure\\b|\\b(?:get|got) stuck|\\btoo many\\b[^.]{0,20}$|\\brequires? (?:more|further) work|\\bto be continued|\\b(?:cases|steps) (?:remain|left)\\b|\\bout of (?:time|tokens|memory)\\b|\\b(?:exited|killed|terminated|aborted|segmentation fault)\\b",
  "\\b(?:I am|I['’]m|we are) (?:completely |really |totally )*(?:stuck|lost|unable|out of time|confused)",
  "(?:can ?not|can['’]t|could not|couldn['’]t) be (?:determined|solved|found|answered|computed|established|decided)",
  '\\bI (?:refuse|decline|prefer not) to\\b|\\bno (?:idea|clue)\\b|\\bI (?:have to )?give up\\b|\\b(?:not enough|insufficient|lack of) (?:information|data|context)',
  '\\b(?:answer|result|value|solution|it) (?:remains?|is) (?:unknown|unclear|undetermined|unsolved)',
  '\\bimpossible to (?:determine|tell|say|answer|compute)\\b|\\b(?:code|program|script|execution) (?:failed|crashed|timed out|did not)',
  '\\b(?:need|needs) more (?:time|information|data|context)\\b|\\bran out of (?:time|tokens|space)\\b|\\bas an AI\\b|maximum (?:number of tokens|length|context)',
];
const REFUSED_ELSEWHERE: readonly string[] = [
  "(?<!\\p{L})(?:I|we) (?:\\p{L}+ ){0,2}?(?:have|has|had|do|did|was|were|am|are|could|ca|would|wo)(?:n[’']t| not)(?: (?:yet|really|even|quite|fully|ever))* (?!(?:need|have to|count|forget|include|use|assume|double|want|care|lose|miss|allow|consider|multiply|add|divide)(?!\\p{L}))\\p{L}+|(?<!\\p{L})(?:I|we) (?:(?:will|shall|must|have to|[’']ll) )?(?:skip|give up|gave up|abandon\\p{L}*|quit|surrender|pass)(?!\\p{L})|j[’']abandonne|je (?:donne ma langue|renonce)|me rindo|mi arrendo|(?<!\\p{L})desisto|сдаюсь|放弃|降参|お手上げ|ich gebe auf|poddaję się|포기|vazgeçiyorum|ik geef op|jag ger upp|(?:^|[.!?]\\s*)(?:no|brak|keine|pas de|sin|sem|senza|nessuna|нет|без|無|无|没有) ?(?:final |definitive )?(?:answer|odpowiedzi|antwort|réponse|respuesta|resposta|risposta|ответа|解答|答案)(?!\\p{L})|(?:^|\\s)n\\/a(?!\\p{L})",
  '(?:我|还|仍|所以|因此|，|^)(?:无法|不能|没法|没有办法)(?!整除|被)|(?:ich|man|wir) (?:kann|konnte|können|konnten|weiß|wissen)(?: [^ .!?]+){0,6}? nicht|reich(?:t|en) nicht|kann ich[^.!?]{0,40} nicht|^leider(?!\\p{L})|unzureichend|(?:manque|manquent|insuffisan)|je n[e’] ?\\S+ pas|no (?:tengo|hay|tenemos) (?:suficiente|bastante|c[oó]mo|forma|manera)|no se (?:puede|pueden)|não (?:tenho|há) (?:como|informaç|dados)|не (?:получается|выходит|хватает|можем|могу)|недостаточно|non (?:ho|abbiamo) (?:abbastanza|modo)',
  '无法(?:确定|得出|求|计算|回答|解|判断|给出|得到)|不能(?:确定|得出|判断)|不知道|不清楚|不会做|没有足够|不会了|(?:解|做)不(?:出|了)|不确定|(?:信息|条件|数据)不足|[求算想解]不出',
  "je ne sais pas|je ne (?:peux|parviens|trouve) pas|je n['’](?:ai pas|arrive pas)|impossible de (?:déterminer|conclure|répondre|calculer)|on ne peut pas (?:déterminer|conclure)",
  '(?<!\\p{L})no (?:lo )?sé(?!\\p{L})|no (?:puedo|pude|podemos|se puede|logré|consigo) (?:determinar|encontrar|resolver|calcular|responder|hallar|dar)',
  'ich weiß (?:es |die antwort )?(?:leider )?nicht|(?:kann|konnte) (?:ich |man )?(?:\\S+ ){0,4}nicht (?:\\S+ )?(?:bestimm|ermittel|berechn|lös|beantwort|find)\\w*|lässt sich nicht (?:bestimmen|ermitteln|berechnen|lösen)',
  'не (?:знаю|смог(?:ла)?|могу|удалось|помню|получилось)|невозможно (?:определить|найти|решить|вычислить)|нельзя (?:определить|найти)|недостаточно (?:данных|информации)',
  'não sei(?!\\p{L})|não (?:consigo|consegui|posso|foi possível|é possível) (?:determinar|encontrar|resolver|calcular|responder)|non (?:lo )?so(?!\\p{L})|non (?:posso|riesco|sono riuscit\\w|è possibile) (?:a )?(?:determinare|trovare|risolvere|calcolare|rispondere)',
  "(?:^|[,.;:!?，。；：！？、]\\s*)(?:我|我们|咱)(?:也|还|真|实在|完全|暂时|目前)?(?:不|没|无)|(?:没有?|毫无)(?:任何)?(?:思路|头绪|办法|把握|想法)|不太?(?:懂|明白|确信)|做不来|(?<!\\p{L})(?:ni|sin) idea|aucune (?:idée|piste)|keine (?:ahnung|idee)|nessuna idea|nenhuma ideia|(?:понятия не|нет идей)|(?<!\\p{L})(?:no (?:tengo|puedo|entiendo|recuerdo|logro|consigo|estoy segur)|non (?:ho|so|riesco|posso|capisco|ricordo|saprei|sono sicur)|não (?:tenho|sei|consigo|posso|faço|lembro|entendo|estou cert)|я не)(?!\\p{L})|je (?:ne|n[’']) ?\\p{L}+ (?:pas|plus|rien|aucun)|(?<!\\p{L})ich \\p{L}+ (?:\\p{L}+ ){0,4}(?:nicht|kein\\p{L}*)(?!\\p{L})|(?:知り|でき|思いつき)ません|(?:知ら|でき|思いつか)ない|(?:풀|구|알|찾)지? ?(?:못|수 없)|못 ?(?:풀|구|찾)",
  'わかりません|分かりません|わからない|分からない|求められません|解け(?:ません|ない)|判断できません|모르겠|알 수 없|구할 수 없|풀 수 없|풀지 못|구하지 못|판단할 수 없|لا (?:أعرف|أعلم|أستطيع)|لا يمكن (?:تحديد|معرفة)|nie wiem|nie mogę|nevím|vet inte|weet (?:het )?niet|bilmiyorum|không biết|không thể xác định|tidak tahu|मुझे नहीं पता',
];

/** A word boundary is fast only without the flag `u`, and property classes need it. */
const REFUSAL = new RegExp(REFUSED.join('|'), 'i');
const REFUSAL_ELSEWHERE = new RegExp(REFUSED_ELSEWHERE.join('|'), 'iu');

/** Takes back what was said before; the group is what stands behind. */
const RETRACTION =
  /(?:(?<=^|[.!?;…—–\n]|[.!?;…—–\n]\s|\n\n|,? but|,? however,?)\s*(?:but |however,? |actually,? |wait,? |oops,? |sorry,? |no,? |hmm,? )*(?:that|this|it|(?:this|that|my|the|the above|the previous|the first) (?:answer|result|value|solution|claim|calculation|count))(?:['’]s| is| was| turns out to be| must be| seems| looks) (?:(?:actually|clearly|definitely|in fact|obviously|also|probably|simply|just|still) )?(?:wrong|incorrect|false|mistaken|a mistake|an error|not (?:right|correct|true|valid|the (?:answer|right|correct))|invalid|impossible)|\b(?:scratch|strike|disregard|ignore|forget) (?:that|this|it|the above|my (?:previous|last|earlier))|\bnever ?mind\b|\bI(?:['’]ve| have)? (?:made|make) (?:a|an|some) (?:\w+ )?(?:mistake|error|slip)|\bthere (?:is|was) (?:a|an) (?:\w+ )?(?:mistake|error) in (?:my|the|this|that)|\bI (?:was|am) wrong\b|\bI take (?:that|it) back\b|\bcorrection\s*[:：]|\bI (?:mis(?:calculated|counted|read|computed)|double[- ]counted)|\b(?:this|that|which) (?:double[- ]counts|(?:can ?not|can['’]t) be (?:right|correct|true))|(?<=^\s*|[.!?;,…—–\n]\s*)(?:no|wait|hmm+|oops|actually|sorry|rather)[,.!…: ]+(?:(?:no|wait|actually)[,.: ]+)*(?:(?<=\bno[,.:]\s)|it(?:['’]s| is| should be| must be)|that(?:['’]s| is)|(?:the )?(?:answer|result|total|value) (?:is|should be))(?=\s*[\d$\\*(−-])|^\W{0,4}(?:is|was) (?:not|wrong|incorrect)|\bthe (?:correct|right|actual|real|true) (?:answer|value|result) (?:should be|is actually|is instead|is rather)|(?:不对|错了|算错|有误|更正|不正确)[，。,.:：！]|(?:c['’]est|cela est) (?:faux|incorrect)|das (?:ist|war) (?:falsch|nicht richtig)|eso (?:es|está) (?:incorrecto|mal)|isso está (?:errado|incorreto)|это (?:неверно|неправильно|ошибка)|я ошиб|間違(?:い|え)(?:です|ました)|틀렸습니다|هذا (?:خطأ|غير صحيح))/i;

/** Behind a value that was announced: something is wrong with it, in any words that judge or replace. */
const DISOWNED =
  /(?:^|[.!?;…—–\n,]\s*|\b(?:but|however|though|although),?\s+)(?:but |however,? |actually,? |wait,? |though |although )*(?:this|that|it|(?<=^[\s$,.]*)which|which(?= turned)|(?:this|that|the above|the previous|the first|the computation|the calculation)(?: \w+){0,3}?|(?:my|the)(?: \w+){1,3}?) (?:(?:actually|clearly|then|also|still|in fact|would|does|did|is|was|has|turned out|turns out) (?:to )?)*(?:be )?(?:(?<=\b(?:but|however|yet),? (?:this|that|it) )(?:is|was) not (?:an? )?\w+|(?:is|was) not (?:an? )?(?:integer|whole|valid|solution|answer|possible|positive|allowed|acceptable|admissible|correct|right|true)|violat\w+(?! no\b)|contradict\w*(?! (?:\w+ ){0,2}(?:assumption|guess|hypothesis|intuition|expectation))|conflicts?|fails?(?! only)|(?<!\b(?:this|that) )(?:wrong|incorrect|false|invalid|mistaken|impossible)(?! (?:if|for|in|when|unless|to)\b)|unacceptable|not (?:valid|acceptable|allowed|satisfy|correct|right|work|possible|hold|admissible)|a typo|an error|a mistake|an oversight)\b|(?<!\b(?:at first|initially|earlier),? )\bI (?:dropped|missed|lost|retract|withdraw|miscalculat\w+|mis\w+|overlooked|forgot|was mistaken|made an error)\b(?! no)|\b(?:computation|calculation|reasoning|work|result|answer|count)(?: \w+){0,2} (?:has|contains|had) (?:a|an|some) (?:\w+ )?(?:error|mistake|slip|flaw)|(?:^|[.!?;…—–\n。！？])\s*(?:edit|erratum|correction|korrektur|berichtigung|rectification|corrección|correção|correzione|исправление|поправка|更正|修正|订正|訂正|정정)\s*[:：]|(?:^\s*|[.!?;…—–\n。！？]\s*)(?:on second thoughts?|nein|non|no|нет|não|不|不对|不是|いや|いいえ|違う|아니|en fait|en realidad|eigentlich|tatsächlich|на самом деле|perdón|pardon|entschuldigung|moment|halt|attendez|espera|стоп|ошибка|oops|whoops|ups)[,.!，、:：。！]\s*(?!(?:because|since|as|for)\b)/i;

const PLAN =
  /^(?:(?:ok(?:ay)?|so|well|now|hmm+|alright|then|next|first|second|finally|wait|but|also|we|please|step \d+)[,.: ]+)*(?:(?<=\b(?:now|next|first|then|\d|please)[,.: ]+)(?:compute|calculate|find|list|check|write|evaluate|solve|apply|enumerate|determine|examine|try|expand|substitute|plug|set|define|count|sum|add|take)\b|let (?:me|us|\$?\\?[a-z]\b)|if (?:the|your|my) (?:\w+ )?answer|let['’]s|I(?:['’]ll| will| need to| should| have to| must| want to| am going to)|we(?:['’]ll| will| need to find| need to compute| must find| want to)|suppose|assume|consider|recall|try(?:ing)?\b|I would need|you (?:have|need|want)(?! (?:exactly |at least |a total of )?\d)|next (?:step|we)|first (?:step|we)|to (?:solve|find|compute|determine|answer) |plan[:,]|given[:,]|find[:,]|the question[:,]|remaining[:,]|to do[:,]|next[:,]|how (?:many|much|do|can|should)|what (?:is|are|if)|让我|我们需要|接下来|首先|设|假设|考虑)/i;

const REPEATED =
  /^(?:(?:as|like) (?:stated|given|mentioned|described|noted|said)|(?:in )?(?:the|this) (?:question|problem|exercise|task|statement|prompt|text|puzzle) (?:says?|states?|asks?|gives?|tells?|mentions?|is|wants?|was|comes|has|contains)|we are (?:given|told|asked)|we(?:['’]re| were) (?:given|told|asked)|in (?:this|the) (?:problem|question|exercise)|given (?:that|the|is|are)|it is (?:given|stated|known) that|this is (?:problem|question|exercise|number|task)|题目(?:中)?(?:说|给|要求|问|告诉)|题中|已知|l['’]énoncé|dans l['’]énoncé|el (?:enunciado|problema) dice|in der aufgabe|laut aufgabe|по условию|в условии|в задаче)/i;

/** Says that the answer isn't known. */
export function isRefusal(sentence: string): boolean {
  return REFUSAL.test(sentence) || REFUSAL_ELSEWHERE.test(sentence);
}

/** Says what is going to be done, or asks; states no result. */
export function isPlan(sentence: string): boolean {
  return PLAN.test(sentence.trimStart());
}

/** Says what the problem says. */
export function isRepetition(sentence: string): boolean {
  return REPEATED.test(sentence.trimStart());
}

/** What follows the last words that take back what was said before them; undefined if nothing is taken back. */
export function afterRetraction(text: string): string | undefined {
  let rest = text.slice(0, 4_000);
  let after: string | undefined;
  for (let round = 0; round < 8; round++) {
    const match = RETRACTION.exec(rest) ?? DISOWNED.exec(rest);
    if (match === null) break;
    rest = rest.slice(match.index + match[0].length);
    after = rest;
  }
  return after;
}
