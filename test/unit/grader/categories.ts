/** Own cases by category: gold, answers that are right, answers that are wrong. `String.raw` throughout. */
export interface Category {
  readonly name: string;
  readonly cases: readonly (readonly [gold: string, right: readonly string[], wrong: readonly string[]])[];
}

const r = String.raw;

export const CATEGORIES: readonly Category[] = [
  {
    name: 'integers',
    cases: [
      ['1234567', ['1,234,567', '1 234 567', r`1{,}234{,}567`, r`1\,234\,567`, '1234567.0', '+1234567', '１２３４５６７', '١٢٣٤٥٦٧'], ['1,234,568', '123456', '-1234567', '1234.567']],
      ['-17', ['−17', '-17.', r`\(-17\)`, '$-17$', r`\boxed{-17}`, '(-17)', '- 17'], ['17', '-1.7', '--17', '-71']],
      ['27.0', ['27', '27.00', '54/2'], ['27.04', '27.5', '2.7']],
      ['0', ['0', '-0', '0.0', '00'], ['1', r`\infty`, '10^{-9}']],
      [r`2^{10}`, ['1024', '1,024', r`4^5`], ['1023', '210', '20']],
      ['1/2004!', ['1/2004!'], ['1/2006!', '0']],
      [r`1/2^{99}`, [r`2^{-99}`], [r`1/2^{98}`, '0']],
    ],
  },
  {
    name: 'fractions and decimals',
    cases: [
      [r`\frac{3}{4}`, ['3/4', '0.75', '.75', r`\dfrac34`, r`\tfrac{6}{8}`, '75/100', r`\frac{-3}{-4}`, r`3 \div 4`, '¾', '3 / 4'], ['4/3', '0.7', '0.74', r`\frac{3}{5}`, '34', '-3/4']],
      [r`-\frac{1}{3}`, ['-1/3', r`\frac{-1}{3}`, r`\frac{1}{-3}`, '-0.3333', r`-0.\overline{3}`], ['1/3', '-0.3', '-0.34', '-3']],
      [r`\frac{7}{3}`, [r`2\frac13`, '2 1/3', r`2\tfrac{1}{3}`, '2⅓', '2.3333'], [r`\frac{2}{3}`, '2.3', '21/3']],
      ['2.5', ['5/2', '2.50', '2,5', r`2\frac12`], ['25', '2.6', '2.55']],
      ['0.667', ['2/3', '0.6667', '.667'], ['0.67', '0.666', '0.657']],
      ['3.14e5', ['314000', r`3.14 \times 10^5`, r`3.14\cdot 10^{5}`, '3.14*10^5'], ['3.14e4', '314']],
      ['1000.5', ['1,000.5', '1.000,5', '1 000.5'], ['1000.6', '10005']],
    ],
  },
  {
    name: 'percent, currency and units',
    cases: [
      [r`28\%`, ['28%', '28', '0.28', r`28 \%`, '28 percent', '28 pct'], ['2.8', '280', '0.028', '29%']],
      ['0.3', ['30%', '3/10'], ['30', '3%']],
      ['$12.50', ['12.5', r`\$12.50`, '12.50 dollars', r`12.50 \text{ dollars}`, '$12.5$'], ['12.05', '125', '12.50 euros']],
      [r`15 \text{ cm}`, ['15', '15 cm', r`15\,\mathrm{cm}`, '15cm', '0.15 m', '150 mm'], ['15 m', '15 cm^2', '1.5 cm', '15 kg']],
      [r`24 \text{ square meters}`, ['24', r`24\text{ m}^2`, '24 m^2', r`24\,m^{2}`], ['24 m', '42']],
      ['5 apples', ['5', '5 apples', '5 apple'], ['6 apples', '5 oranges']],
      ['60 mph', ['60', '60 miles per hour', '60 mph'], ['60 hours', '6']],
      ['45', [r`45^\circ`, '45°', '45 degrees', r`45\text{ units}`, '45th'], ['54', '45/2']],
      [r`90^\circ`, ['90', '90 degrees', r`\frac{\pi}{2}`, r`90^{\circ}`], ['9', r`\pi`, '91°']],
      [r`\frac{\pi}{6}`, [r`30^\circ`, 'pi/6', 'π/6', '0.5236', r`30\text{ degrees}`], ['30', r`60^\circ`, '0.52']],
    ],
  },
  {
    name: 'numbers with roots, logarithms and complex parts',
    cases: [
      [r`2\sqrt{3}`, [r`\sqrt{12}`, '2*sqrt(3)', '2√3', r`\frac{6}{\sqrt3}`, '3.4641', r`\sqrt{3}\cdot 2`], [r`3\sqrt2`, r`2\sqrt{5}`, '3.5', r`\sqrt{6}`, '2', '3']],
      [r`\sqrt[3]{16}`, [r`2\sqrt[3]{2}`, r`16^{1/3}`, r`2^{4/3}`], ['4', r`\sqrt{16}`]],
      [r`\frac{1+\sqrt5}{2}`, [r`\frac{\sqrt{5}+1}{2}`, '(1+sqrt(5))/2', '1.6180'], [r`\frac{1-\sqrt5}{2}`, '1.6']],
      [r`\log_2 3`, [r`\frac{\ln 3}{\ln 2}`, r`\frac{\log 3}{\log 2}`, r`\log_{2}{3}`], [r`\log_3 2`, '1.5']],
      ['3+4i', ['4i+3', r`3 + 4\mathrm{i}`], ['3-4i', '7', '5']],
      [r`e^{i\pi}`, ['-1', r`e^{\pi i}`], ['1']],
      [r`\sin 60^\circ`, [r`\frac{\sqrt3}{2}`, r`\cos(30^\circ)`, r`\sin\frac{\pi}{3}`], ['1/2']],
      [r`\frac{10!}{5!5!}`, ['252', r`\binom{10}{5}`, r`{10 \choose 5}`], ['256']],
      ['1-1/e', [r`1-e^{-1}`], ['1+1/e']],
      [r`\infty`, ['∞', r`+\infty`, 'infinity'], [r`-\infty`, '0', '1']],
      [r`2^{1000}+1`, [r`2^{1000}+1`, r`1+4^{500}`], [r`2^{1000}`]],
      [r`\pi \cdot 10^{20}+1`, [r`1+10^{20}\pi`], []],
    ],
  },
  {
    name: 'expressions',
    cases: [
      ['x^2+2x+1', ['(x+1)^2', '1+2x+x^2', r`x^{2}+2\cdot x+1`, '(1+x)(x+1)'], ['x^2+2x-1', 'x^2+2x', '(x-1)^2', 'y^2+2y+1']],
      [r`\frac{1}{x+1}`, ['1/(x+1)', r`(x+1)^{-1}`], ['1/x+1', r`\frac{1}{x-1}`]],
      [r`\tan^2 x+1`, [r`\sec^2 x`, r`\frac{1}{\cos^2(x)}`, r`\sec^{2}{x}`], [r`\csc^2 x`]],
      [r`\frac{n(n+1)}{2}`, [r`\binom{n+1}{2}`, r`\frac{n^2+n}{2}`, r`n(n+1)/2`], [r`\frac{n(n-1)}{2}`]],
      [r`\sqrt{\frac{1}{n}}`, [r`\frac{1}{\sqrt{n}}`, r`n^{-1/2}`], [r`\sqrt n`]],
      [r`(n-1)!\,n`, ['n!'], ['(n+1)!']],
      [r`a^{m+n}`, [r`a^m a^n`], [r`a^{mn}`]],
      [r`\sin x`, [r`\sin(x)`], [r`\cos x`]],
      [r`2^{n+1}-2`, [r`2(2^n-1)`], [r`2^{n}-2`]],
      [r`\lceil n/2 \rceil`, [r`\left\lceil\frac{n}{2}\right\rceil`], [r`\lfloor n/2 \rfloor`]],
      [r`|x-1|`, [r`\left|1-x\right|`, r`\lvert x-1\rvert`], ['x-1', '1-x']],
      [r`\frac{x}{2}e^{-t}`, [r`\frac{1}{2} x \exp(-t)`], [r`\frac{x}{2}e^{t}`]],
      ['p - q', ['-q+p'], ['q-p']],
      [r`\pi r^2 h`, [r`h\pi r^{2}`], [r`\pi r h`]],
    ],
  },
  {
    name: 'equations and relations',
    cases: [
      ['x=5', ['5', 'x = 5', r`5 = x`], ['x=6', 'y=6', '-5']],
      ['y=2x+3', ['2x+3', 'y = 3+2x', '2x-y+3=0', 'f(x)=2x+3'], ['y=2x-3', 'y=3x+2', '2x']],
      ['2x+4y-3=0', ['x+2y=1.5', r`y=\frac{3}{4}-\frac{x}{2}`], ['2x+4y+3=0', 'x+2y=3']],
      ['x^2+y^2=1', ['y^2+x^2=1', '1=x^2+y^2', '2x^2+2y^2=2'], ['x^2-y^2=1', 'x^2+y^2=2', 'x+y=1']],
      ['x^2+x+1=0', ['x^2+x=-1'], ['7=8', 'x^2+2=0']],
      ['x > 3', [r`x>3`, '3<x', r`(3,\infty)`, r`x \in (3, +\infty)`, '-x<-3', r`\{x \mid x>3\}`], [r`x\ge 3`, 'x<3', r`[3,\infty)`, '3']],
      [r`1 \le x < 4`, ['[1,4)', r`x\in[1,4)`, '4>x>=1', r`x \ge 1 \text{ and } x<4`, r`\{x : 1\leq x<4\}`], ['(1,4)', '[1,4]', '[1,5)', '(1,4]']],
      [r`x \ne 2`, [r`(-\infty,2)\cup(2,\infty)`, r`\mathbb{R}\setminus\{2\}`, 'x≠2'], ['x=2', r`x\ne 3`]],
      ['f(x)=x^2', ['x^2', 'f(t)=t^2', 'y=x^2'], ['f(x)=x^3', 'f(x)=2x']],
      [r`x=\pm 2`, ['2,-2', r`\pm2`, r`x=2 \text{ or } x=-2`, r`\{-2,2\}`], ['2', '-2', r`\pm 3`]],
      ['S = 2(n-1)', ['2n-2', '2(n-1)', r`S_n = 2n-2`], ['2n-1']],
      [r`\frac{1}{3} \approx 0.33`, ['1/3'], ['0.4']],
    ],
  },
  {
    name: 'sets, intervals and lists',
    cases: [
      ['1, 2, 3', ['3, 2, 1', r`\{1,2,3\}`, '1,2,3', '1; 2; 3', r`1, 2 \text{ and } 3`, '1 and 2 and 3', 'x = 1, 2, 3', r`x=1, x=2, x=3`], ['1,2', '1,2,3,4', '1,2,4', '6']],
      [r`\{1,2\}`, ['2,1', r`\{2, 1\}`, r`\{1\}\cup\{2\}`], ['(1,2)', '[1,2]', '1', r`\{1,2,3\}`]],
      ['(1,2)', ['(1, 2)', r`\left(1,2\right)`, r`(\frac{2}{2}, 2.0)`, 'x=1, y=2', '(x,y)=(1,2)'], ['(2,1)', '[1,2]', '(1,2]', r`\{1,2\}`, '(1,2,3)', '1']],
      [r`(-\infty, 2]`, [r`x \le 2`, '(-∞,2]', r`(-\infty,2.0]`], [r`(-\infty,2)`, r`[-\infty,2]`, r`[2,\infty)`, r`(-\infty,-2]`]],
      [r`(-\infty,-1)\cup(1,\infty)`, [r`(1,\infty) \cup (-\infty,-1)`, r`x<-1 \text{ or } x>1`, '(-∞,-1) U (1,∞)'], [r`(-1,1)`, r`(-\infty,-1]\cup[1,\infty)`]],
      [r`\mathbb{R}`, [r`(-\infty,\infty)`, 'all real numbers'], [r`(0,\infty)`]],
      [r`\emptyset`, [r`\varnothing`, 'no solution', r`\text{empty set}`], ['0', r`\{0\}`]],
      ['(1,2),(3,4)', ['(3,4),(1,2)', r`(3,4) \text{ and } (1,2)`, r`\{(1,2),(3,4)\}`], ['(2,1),(3,4)', '(1,2)', '(1,3),(2,4)']],
      [r`3 \pm \sqrt{2}`, [r`3+\sqrt2, 3-\sqrt2`, r`\{3-\sqrt{2}, 3+\sqrt{2}\}`], [r`3+\sqrt2`, r`3\pm\sqrt3`, r`-3\pm\sqrt2`]],
      [r`\frac{\pi}{4}+k\pi`, [r`\frac{\pi}{4}+n\pi`, r`k\pi + \frac{\pi}{4}, k\in\mathbb{Z}`], [r`\frac{\pi}{4}+2k\pi`]],
      ['p=3,q=4', ['3,4', '(3,4)', 'q=4, p=3'], ['4,3', 'p=4,q=3']],
      [r`\langle 1,2,3\rangle`, ['(1,2,3)', r`\begin{pmatrix}1\\2\\3\end{pmatrix}`], ['(1,2,4)']],
    ],
  },
  {
    name: 'matrices',
    cases: [
      [r`\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}`, [r`\begin{bmatrix}1&2\\3&4\end{bmatrix}`, r`\left(\begin{array}{cc}1 & 2\\ 3 & 4\end{array}\right)`, r`\begin{pmatrix} 1 & 2 \\ 3 & \frac{8}{2} \\ \end{pmatrix}`], [r`\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}`, r`\begin{pmatrix} 1 & 2 \end{pmatrix}`, r`\begin{pmatrix} 1 & 2 \\ 3 & 5 \end{pmatrix}`, '1,2,3,4']],
      [r`\begin{pmatrix} -1/2 \\ 0 \end{pmatrix}`, [r`\begin{pmatrix} -0.5 \\ 0 \end{pmatrix}`, r`(-\frac12, 0)`], [r`\begin{pmatrix} 1/2 \\ 0 \end{pmatrix}`]],
    ],
  },
  {
    name: 'ratios, bases and times',
    cases: [
      ['3:4', ['6:8', '3 : 4', r`\frac{3}{4}`, '3/4', '3 to 4'], ['4:3', '3:5', '34']],
      ['1:2:3', ['2:4:6', '1 : 2 : 3'], ['1:2:4', '1:2']],
      ['204_5', [r`204_{5}`, r`204_{\text{five}}`, '204'], ['205_5', '204_6']],
      ['3:30 pm', ['3:30 PM', '3:30', r`3{:}30 \text{ p.m.}`], ['3:30 am', '3:31 pm', '4:30 pm']],
    ],
  },
  {
    name: 'texts and letters',
    cases: [
      [r`\text{even}`, ['even', 'Even', r`\textbf{even}`, 'even.'], ['odd', '2', 'neither']],
      ['Yes', ['yes', 'True', r`\text{Yes}`], ['No', 'false', '1']],
      ['C', ['C', '(C)', r`\text{C}`, r`\boxed{C}`, r`\boxed{\text{(C)}}`, 'C. 42', 'The answer is C.', 'Answer: C', 'Therefore, the correct option is **(C)**', '答案是C', '故选：C。', 'La réponse est C', 'الإجابة هي C', 'Ответ: C', 'It cannot be A or B, so it must be C'], ['D', '(A)', 'The answer is D', 'Not C but B', '答案是B']],
      ['ب', ['الإجابة الصحيحة هي ب', 'ب', '(ب)'], ['الإجابة هي أ', 'ج']],
      ['none', ['none', 'None', r`\text{none}`], ['6', '0']],
      [r`\text{Monday}`, ['monday'], ['Sunday']],
    ],
  },
  {
    name: 'whole responses',
    cases: [
      ['42', ['The answer is 42.', 'So we get 6 * 7 = 42', '#### 42', r`Thus $x = 42$.`, r`First \boxed{41}, no: \boxed{42}.`, 'Final answer: 42', 'Answer: **42**', 'The final answer is $\\boxed{42}$. I hope it is correct.', '因此，答案是42。', '所以一共有42个苹果。', 'La réponse est donc 42.', 'Il reste donc 42 euros.', 'Die Antwort ist 42.', 'الإجابة هي ٤٢', 'La respuesta es 42', 'Ответ: 42', '答案为：42', r`\[ x = 6 \cdot 7 = 42 \]`, 'The total number of apples is 42.', 'She earns $42 in total.', '<think>maybe 41</think>\n\n\\boxed{42}'], ['The answer is 41.', r`\boxed{41}, though one might think 42`, '', 'I do not know.', r`\boxed{}`, '42 was my first guess, but the answer is 43']],
      [r`\frac{3}{5}`, [r`The probability is $\frac{3}{5}$.`, r`**Answer:** \(\dfrac{3}{5}\)`, 'the answer is 3/5', r`Therefore $P = \frac{6}{10} = \boxed{\frac35}$`], [r`The probability is $\frac{2}{5}$.`, '35']],
      ['1, -2', [r`$\boxed{1}$ and $\boxed{-2}$`, r`\boxed{1, -2}`, r`The solutions are $x=1$ and $x=-2$.`], [r`\boxed{1}`, r`\boxed{-1, -2}`]],
    ],
  },
];
