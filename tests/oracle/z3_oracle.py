"""Answers questions about policies with z3, from nothing but their text.

One question a line on standard input, one answer a line on standard output, both JSON. This reads the part of the
language that tests/oracle/main.rs writes, with a parser of its own, so that it shares no mistake with the library.
Numbers are whole numbers of the smallest unit of their field; a fact is a value and whether it is known.
"""

import json
import re
import sys
from fractions import Fraction

import z3

TOKEN = re.compile(r'\s*(?:(\d[\d_]*(?:\.\d+)?%?)|([A-Za-z_]\w*)|(=>|\.\.|\?\?|>=|<=|!=|[-+*/()<>=,:{}]))')
TIMEOUT_MS = 20_000
FLIPPED = {'<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=', '!=': '!='}


def both(*parts):
    return z3.And(*parts) if parts else z3.BoolVal(True)


def either(*parts):
    return z3.Or(*parts) if parts else z3.BoolVal(False)


# Syntax.


class Parser:
    """Expressions and conditions as nested tuples."""

    def __init__(self, text):
        self.tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f'cannot read {text[at:]!r}')
            self.tokens.append(found.group(found.lastindex))
            at = found.end()
        self.at = 0

    def peek(self, ahead=0):
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *words):
        if tuple(self.tokens[self.at:self.at + len(words)]) == words:
            self.at += len(words)
            return True
        return False

    def expect(self, word):
        if not self.take(word):
            raise ValueError(f'{word!r} expected at {self.tokens[self.at:]}')

    def whole(self):
        found = self.expression()
        if self.peek() is not None:
            raise ValueError(f'left over: {self.tokens[self.at:]}')
        return found

    def expression(self):
        if self.take('if'):
            condition = self.expression()
            self.expect('then')
            one = self.expression()
            self.expect('else')
            return ('if', condition, one, self.expression())
        return self.joined('or', lambda: self.joined('and', self.negation))

    def joined(self, word, part):
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else (word, parts)

    def negation(self):
        return ('not', self.negation()) if self.take('not') else self.comparison()

    def comparison(self):
        if self.take('at', 'least'):
            count = int(self.next())
            self.expect('of')
            return ('at least', count, self.arguments())
        left = self.sum()
        if self.take('is'):
            wanted = not self.take('not')
            if self.next() == 'present':
                wanted = not wanted
            return ('missing', left, wanted)
        inverted = self.take('not')
        if self.take('between'):
            low = self.sum()
            self.expect('and')
            found = ('and', [('compare', '>=', left, low), ('compare', '<=', left, self.sum())])
        elif self.take('in'):
            found = ('or', [('compare', '=', left, member) for member in self.arguments()])
        elif self.peek() in FLIPPED:
            parts = []
            while self.peek() in FLIPPED:
                op, right = self.next(), self.sum()
                parts.append(('compare', op, left, right))
                left = right
            found = ('and', parts)
        else:
            return left
        return ('not', found) if inverted else found

    def sum(self):
        left = self.product()
        while self.peek() in ('+', '-'):
            left = (self.next(), left, self.product())
        return left

    def product(self):
        left = self.unary()
        while self.peek() in ('*', '/'):
            left = (self.next(), left, self.unary())
        return left

    def unary(self):
        return ('negative', self.unary()) if self.take('-') else self.fallback()

    def fallback(self):
        left = self.primary()
        while self.take('??'):
            sign = self.take('-')
            right = self.primary()
            left = ('??', left, ('negative', right) if sign else right)
        return left

    def arguments(self):
        self.expect('(')
        found = [self.expression()]
        while self.take(','):
            found.append(self.expression())
        self.expect(')')
        return found

    def primary(self):
        if self.take('('):
            found = self.expression()
            self.expect(')')
            return found
        word = self.next()
        if word[0].isdigit():
            number = Fraction(word.rstrip('%').replace('_', ''))
            return ('number', number / 100 if word.endswith('%') else number)
        if word in ('true', 'false'):
            return ('truth', word == 'true')
        return ('call', word, self.arguments()) if self.peek() == '(' else ('name', word)


def parsed(text):
    return Parser(text).whole()


class Field:
    def __init__(self, text):
        head, rest = text.split(':', 1)
        self.name = head.split()[1]
        self.required = ' required' in rest
        rest, _, default = rest.replace(' required', '').partition(' default ')
        self.members = None
        self.truth = rest.split()[0] == 'boolean'
        if 'one of' in rest:
            self.members = re.search(r'\((.*)\)', rest).group(1).split(', ')
        scale = re.search(r'scale (\d+)', rest)
        self.scale = 10 ** int(scale.group(1)) if scale else 1
        low, high = re.search(r'(-?[\d.]*\d)?\.\.(-?[\d.]*\d)?', rest).groups() if '..' in rest else (None, None)
        self.low = int(Fraction(low) * self.scale) if low else None
        self.high = int(Fraction(high) * self.scale) if high else None
        self.default = self.value(default.strip()) if default else None

    def value(self, text):
        """The whole number that stands for a value."""
        text = str(text).strip()
        if self.members:
            return self.members.index(text)
        if self.truth:
            return int(text.lower() == 'true')
        found = Fraction(text.replace('_', '')) * self.scale
        assert found.denominator == 1, (self.name, text)
        return int(found)


class Line:
    """A line of a score."""

    def __init__(self, text):
        text, _, weight = text.partition(' weight ')
        self.weight = Fraction(weight.rstrip('%')) / 100 if weight else Fraction(1)
        head, colon, bins = text.partition(': ')
        self.expression = parsed(head)
        self.bins, self.missing, self.otherwise = [], None, None
        for entry in bins.split(', ') if colon else []:
            bound, points = entry.split(' => ')
            points = Fraction(points)
            if bound == 'missing':
                self.missing = points
            elif bound == 'otherwise':
                self.otherwise = points
            else:
                op, number = bound.split()
                self.bins.append((op, Fraction(number), points))
        self.plain = not colon


class Policy:
    def __init__(self, text):
        self.fields, self.lets, self.scores, self.rules, self.limits = {}, {}, {}, [], []
        self.best, self.assumptions = False, []
        lines = enumerate(text.splitlines(), 1)
        for number, line in lines:
            word = line.split(' ')[0]
            if word == 'tiers':
                self.ladder = line[6:].split(' > ')
            elif line == 'match best':
                self.best = True
            elif word == 'field':
                field = Field(line)
                self.fields[field.name] = field
            elif word == 'let':
                name, body = line[4:].split(' = ', 1)
                self.lets[name] = parsed(body)
            elif word == 'assume':
                self.assumptions.append(parsed(line[7:]))
            elif word == 'score':
                self.score(line.split()[1], lines)
            elif word in ('cap', 'floor'):
                head, body = line.split(' when ', 1)
                self.limits.append((word, self.ladder.index(head.split()[1]), parsed(body)))
            elif line:
                condition, tier = line.rsplit(' => ', 1)
                condition = None if condition.strip() == 'otherwise' else parsed(condition)
                self.rules.append((condition, self.ladder.index(tier), number))

    def score(self, name, lines):
        found, low, high = [], None, None
        for _, line in lines:
            if line.startswith('}'):
                words = line.split()
                low = Fraction(words[words.index('min') + 1]) if 'min' in words else None
                high = Fraction(words[words.index('max') + 1]) if 'max' in words else None
                break
            found.append(Line(line.strip()))
        self.scores[name] = (found, low, high)


# Meaning.


class Number:
    """`low / scale ..= high / scale`, which is one value where `known`, and says nothing unless `bounded`."""

    def __init__(self, known, low, scale=1, high=None, bounded=None):
        self.known, self.low, self.scale = known, low, scale
        self.high = low if high is None else high
        self.bounded = known if bounded is None else bounded

    @staticmethod
    def of(number):
        return Number(z3.BoolVal(True), z3.IntVal(number.numerator), number.denominator)

    def at(self, scale):
        factor = scale // self.scale
        high = None if self.high is self.low else self.high * factor
        return Number(self.known, self.low * factor, scale, high, self.bounded)


class Truth:
    """A condition in three values: true, false, else unknown."""

    def __init__(self, yes, no):
        self.yes, self.no = yes, no


class Member:
    def __init__(self, known, index, members):
        self.known, self.index, self.members = known, index, members


def common(one, two):
    scale = one.scale * two.scale
    return one.at(scale), two.at(scale)


class Customer:
    """Facts as unknowns of z3."""

    def __init__(self, solver, fields, mark=''):
        self.fields, self.value, self.known = fields, {}, {}
        for field in fields.values():
            value, known = z3.Int(field.name + mark), z3.Bool(f'{field.name}{mark}?')
            self.value[field.name], self.known[field.name] = value, known
            low, high = field.low, field.high
            if field.members:
                low, high = 0, len(field.members) - 1
            elif field.truth:
                low, high = 0, 1
            solver.add(*[bound for end, bound in ((low, value >= (low or 0)), (high, value <= (high or 0))) if end is not None])

    def given(self, facts):
        """Those facts, and no others."""
        for name, field in self.fields.items():
            if name in facts:
                yield self.known[name]
                yield self.value[name] == field.value(facts[name])
            else:
                yield z3.Not(self.known[name])

    def shown(self, model):
        def text(field):
            value = model.eval(self.value[field.name], model_completion=True).as_long()
            if field.members:
                return field.members[value]
            return bool(value) if field.truth else str(Fraction(value, field.scale))

        known = [field for field in self.fields.values() if z3.is_true(model.eval(self.known[field.name], model_completion=True))]
        return {field.name: text(field) for field in known}


class Meaning:
    """What a policy makes of a customer."""

    def __init__(self, policy, customer, raw=False):
        self.policy, self.customer, self.raw, self.cache = policy, customer, raw, {}

    def name(self, name):
        if name not in self.cache:
            self.cache[name] = self.named(name)
        return self.cache[name]

    def named(self, name):
        if name in self.policy.lets:
            return self.of(self.policy.lets[name])
        if name in self.policy.scores:
            return self.score(*self.policy.scores[name])
        field = self.policy.fields.get(name)
        if field is None:
            return name
        value, known = self.customer.value[name], self.customer.known[name]
        if field.default is not None and not self.raw:
            value, known = z3.If(known, value, z3.IntVal(field.default)), z3.BoolVal(True)
        if field.members:
            return Member(known, value, field.members)
        if field.truth:
            return Truth(both(known, value == 1), both(known, value == 0))
        return Number(known, value, field.scale)

    def of(self, node):
        kind = node[0]
        if kind == 'number':
            return Number.of(node[1])
        if kind == 'truth':
            return Truth(z3.BoolVal(node[1]), z3.BoolVal(not node[1]))
        if kind == 'name':
            return self.name(node[1])
        if kind in ('and', 'or'):
            parts = [self.of(part) for part in node[1]]
            yes, no = [part.yes for part in parts], [part.no for part in parts]
            return Truth(both(*yes), either(*no)) if kind == 'and' else Truth(either(*yes), both(*no))
        if kind == 'not':
            part = self.of(node[1])
            return Truth(part.no, part.yes)
        if kind == 'at least':
            parts = [self.of(part) for part in node[2]]
            count = lambda those: z3.Sum([z3.If(one, 1, 0) for one in those])
            return Truth(count([part.yes for part in parts]) >= node[1], count([z3.Not(part.no) for part in parts]) < node[1])
        if kind == 'missing':
            missing = z3.Not(self.is_known(self.of(node[1])))
            return Truth(missing, z3.Not(missing)) if node[2] else Truth(z3.Not(missing), missing)
        if kind == 'compare':
            return self.compared(node[1], self.of(node[2]), self.of(node[3]))
        return self.calculated(kind, node)

    @staticmethod
    def is_known(value):
        return either(value.yes, value.no) if isinstance(value, Truth) else value.known

    def calculated(self, kind, node):
        if kind == 'call':
            arguments = [self.of(part) for part in node[2]]
            if node[1] == 'abs':
                part = arguments[0]
                return Number(part.known, z3.If(part.low < 0, -part.low, part.low), part.scale)
            found = arguments[0]
            for more in arguments[1:]:
                one, two = common(found, more)
                first = one.low <= two.low if node[1] == 'min' else one.low >= two.low
                found = Number(both(one.known, two.known), z3.If(first, one.low, two.low), one.scale)
            return found
        if kind == 'negative':
            part = self.of(node[1])
            return Number(part.known, -part.low, part.scale)
        if kind == 'if':
            condition, one, two = (self.of(part) for part in node[1:])
            one, two = common(one, two)
            known = either(both(condition.yes, one.known), both(condition.no, two.known))
            return Number(known, z3.If(condition.yes, one.low, two.low), one.scale)
        one, two = self.of(node[1]), self.of(node[2])
        if kind == '??':
            if isinstance(one, Truth):
                unknown = z3.Not(self.is_known(one))
                return Truth(either(one.yes, both(unknown, two.yes)), either(one.no, both(unknown, two.no)))
            one, two = common(one, two)
            return Number(either(one.known, two.known), z3.If(one.known, one.low, two.low), one.scale)
        known = both(one.known, two.known)
        if kind == '*':
            return Number(known, one.low * two.low, one.scale * two.scale)
        one, two = common(one, two)
        return Number(known, one.low + two.low if kind == '+' else one.low - two.low, one.scale)

    @staticmethod
    def compared(op, one, two):
        if isinstance(one, Member):
            known = one.known
            if isinstance(two, Member):
                same, known = one.index == two.index, both(known, two.known)
            else:
                same = one.index == one.members.index(two)
            if op == '!=':
                same = z3.Not(same)
            return Truth(both(known, same), both(known, z3.Not(same)))
        if isinstance(one, Truth):
            same = either(both(one.yes, two.yes), both(one.no, two.no))
            apart = either(both(one.yes, two.no), both(one.no, two.yes))
            return Truth(same, apart) if op == '=' else Truth(apart, same)
        one, two = common(one, two)
        bounded = both(one.bounded, two.bounded)
        if op in ('=', '!='):
            same = both(one.low == one.high, two.low == two.high, one.low == two.low)
            apart = either(one.high < two.low, one.low > two.high)
            yes, no = (same, apart) if op == '=' else (apart, same)
        elif op == '<':
            yes, no = one.high < two.low, one.low >= two.high
        elif op == '<=':
            yes, no = one.high <= two.low, one.low > two.high
        elif op == '>':
            yes, no = one.low > two.high, one.high <= two.low
        else:
            yes, no = one.low >= two.high, one.high < two.low
        return Truth(both(bounded, yes), both(bounded, no))

    def score(self, lines, low, high):
        found = Number.of(Fraction(0))
        for line in lines:
            points = self.line(line)
            one, two = common(found, points)
            found = Number(None, one.low + two.low, one.scale, one.high + two.high, both(one.bounded, two.bounded))
        for end, larger in ((low, True), (high, False)):
            if end is not None:
                one, two = common(found, Number.of(end))
                clamp = lambda value: z3.If(value < two.low if larger else value > two.low, two.low, value)
                found = Number(None, clamp(one.low), one.scale, clamp(one.high), one.bounded)
        found.known = both(found.bounded, found.low == found.high)
        return found

    def line(self, line):
        value = self.of(line.expression)
        if line.plain:
            low, high = self.ends(line.expression)
            low, high = (z3.If(value.known, value.low, end) for end in (low, high))
            return self.weighted(line, value.scale, low, high, z3.BoolVal(True))
        points = [line.missing, line.otherwise] + [points for _, _, points in line.bins]
        scale = 1
        for own in points:
            scale = scale * own.denominator if own is not None else scale
        whole = lambda own: z3.IntVal(int(own * scale))
        fitted, fits = (whole(line.otherwise), z3.BoolVal(True)) if line.otherwise is not None else (z3.IntVal(0), z3.BoolVal(False))
        for op, bound, own in reversed(line.bins):
            here = self.compared(op, value, Number.of(bound)).yes
            fitted, fits = z3.If(here, whole(own), fitted), either(here, fits)
        if line.missing is not None:
            known = whole(line.missing)
            low = high = z3.If(value.known, fitted, known)
            return self.weighted(line, scale, low, high, either(z3.Not(value.known), fits))
        reached, open_end = self.reached(line)
        ends = [whole(own) for own in (min(reached), max(reached))] if reached else [z3.IntVal(0)] * 2
        low, high = (z3.If(value.known, fitted, end) for end in ends)
        bounded = z3.If(value.known, fits, z3.BoolVal(not open_end))
        return self.weighted(line, scale, low, high, bounded)

    @staticmethod
    def weighted(line, scale, low, high, bounded):
        factor = line.weight
        return Number(None, low * factor.numerator, scale * factor.denominator, high * factor.numerator, bounded)

    def ends(self, node):
        """The least and the most that a fact, or a multiple of one, can be, in its own units."""
        solver = z3.Optimize()
        lonely = Meaning(self.policy, Customer(solver, self.policy.fields), raw=True)
        found = []
        for ask in (solver.minimize, solver.maximize):
            solver.push()
            ask(lonely.of(node).low)
            assert solver.check() == z3.sat
            found.append(solver.model().eval(lonely.of(node).low, model_completion=True))
            solver.pop()
        return found

    def reached(self, line):
        """The points that some value gives, and whether some value fits no bin."""
        solver = z3.Solver()
        lonely = Meaning(self.policy, Customer(solver, self.policy.fields), raw=True)
        value = lonely.of(line.expression)
        solver.add(value.known)
        points = []
        for op, bound, own in line.bins:
            here = self.compared(op, value, Number.of(bound)).yes
            if solver.check(here) == z3.sat:
                points.append(own)
            solver.add(z3.Not(here))
        left = solver.check() == z3.sat
        if left and line.otherwise is not None:
            points.append(line.otherwise)
        return points, left and line.otherwise is None

    def true(self):
        """Of each rule, whether its condition is true; `otherwise` is, where no other one is."""
        conditions = [self.of(condition).yes for condition, _, _ in self.policy.rules if condition is not None]
        return [conditions.pop(0) if condition is not None else None for condition, _, _ in self.policy.rules]

    def decides(self):
        true = self.true()
        others = [own for own in true if own is not None]
        found = []
        for at, (_, tier, _) in enumerate(self.policy.rules):
            if true[at] is None:
                ahead = others
            else:
                ahead = [
                    own
                    for other, own in enumerate(true)
                    if own is not None
                    and other != at
                    and (other < at if not self.policy.best else (self.policy.rules[other][1], other) < (tier, at))
                ]
            found.append(both(*[z3.Not(own) for own in ahead], *([] if true[at] is None else [true[at]])))
        return found

    def tier(self):
        """The place of the tier on the ladder, one more than the last where there is none."""
        nobody = len(self.policy.ladder)
        found = z3.IntVal(nobody)
        for decides, (_, tier, _) in zip(self.decides(), self.policy.rules):
            found = z3.If(decides, z3.IntVal(tier), found)
        for word, worse in (('floor', False), ('cap', True)):
            bound = z3.IntVal(-1 if worse else nobody)
            for kind, tier, condition in self.policy.limits:
                if kind == word:
                    holds = self.of(condition).yes
                    further = bound < tier if worse else bound > tier
                    bound = z3.If(both(holds, further), z3.IntVal(tier), bound)
            further = found < bound if worse else found > bound
            found = z3.If(further, bound, found)
        return found


# Questions.


def who(solver, customer, *asked):
    """Somebody for whom all that holds, `None` where there is nobody, `'?'` where that was not found out."""
    found = solver.check(*asked)
    if found == z3.unknown:
        return '?'
    return customer.shown(solver.model()) if found == z3.sat else None


def start(*policies):
    solver = z3.Solver()
    solver.set('timeout', TIMEOUT_MS)
    customer = Customer(solver, policies[0].fields)
    for policy in policies:
        # Who lacks what one of them requires is left out, and the ranges of both count.
        narrowed = Customer(solver, policy.fields)
        solver.add(*[narrowed.known[field.name] for field in policy.fields.values() if field.required])
    return solver, customer


def assumed(solver, policies, customers):
    """Leaves out who breaks an assumption, unless nobody keeps them all."""
    truths = [[Meaning(policy, customer).of(own) for policy in policies for own in policy.assumptions] for customer in customers]
    if solver.check(*[truth.yes for truth in truths[0]]) == z3.sat:
        solver.add(*[z3.Not(truth.no) for own in truths for truth in own])


def answer_possible(question):
    """The tiers over all completions of what is missing, and the one that is decided."""
    policy, facts = Policy(question['policy']), question['facts']
    solver, customer = start(policy)
    tier = Meaning(policy, customer).tier()
    given = list(customer.given(facts))
    places = range(len(policy.ladder) + 1)
    decided = [place for place in places if who(solver, customer, *given, tier == place) is not None]
    solver.add(*[fact for name in facts for fact in (customer.known[name], customer.value[name] == policy.fields[name].value(facts[name]))])
    for name, field in policy.fields.items():
        if name not in facts:
            solver.add(z3.Not(customer.known[name]) if field.default is not None else customer.known[name])
    reached = [place for place in places if who(solver, customer, tier == place) is not None]
    assert len(decided) == 1, decided
    return {'decided': decided[0], 'possible': reached}


def answer_analysis(question):
    policy = Policy(question['policy'])
    solver, customer = start(policy)
    assumed(solver, [policy], [customer])
    meaning = Meaning(policy, customer)
    tier, nobody = meaning.tier(), len(policy.ladder)
    known = [customer.known[field.name] for field in policy.fields.values() if field.default is None]
    rules = zip(policy.rules, meaning.true(), meaning.decides())
    return {
        'tiers': [who(solver, customer, tier == place) for place in range(nobody)],
        'gap': who(solver, customer, tier == nobody, *known),
        'gap_missing': who(solver, customer, tier == nobody),
        'rules': [
            {'line': line, 'true': None if true is None else who(solver, customer, true), 'decides': who(solver, customer, decides), 'otherwise': true is None}
            for (_, _, line), true, decides in rules
        ],
    }


def answer_within(question):
    """Somebody in a box who has another tier than each policy is said to give."""
    policies = [Policy(text) for text in question['policies']]
    solver, customer = start(*policies)
    assumed(solver, policies, [customer])
    if question.get('known'):
        solver.add(*[customer.known[field.name] for field in policies[0].fields.values() if field.default is None])
    inside = Meaning(policies[0], customer, raw=True).of(parsed(question['box'])).yes
    as_told = [Meaning(policy, customer).tier() == tier for policy, tier in zip(policies, question['tiers'])]
    return {'anybody': who(solver, customer, inside), 'other': who(solver, customer, inside, z3.Not(both(*as_told)))}


def answer_diff(question):
    old, new = (Policy(text) for text in question['policies'])
    solver, customer = start(old, new)
    assumed(solver, [old, new], [customer])
    differs = Meaning(old, customer).tier() != Meaning(new, customer).tier()
    found = {'differs': who(solver, customer, differs)}
    # Who lacks a fact that has a default is told as who has that value.
    solver.add(*[customer.known[field.name] for field in old.fields.values() if field.default is not None])
    raw = Meaning(old, customer, raw=True)
    boxes = [z3.Not(raw.of(parsed(box)).yes) for box in question['boxes']]
    return found | {'outside': who(solver, customer, differs, *boxes)}


def answer_monotone(question):
    policy, fact = Policy(question['policy']), question['fact']
    solver, less = start(policy)
    more = Customer(solver, policy.fields, "'")
    assumed(solver, [policy], [less, more])
    for name in policy.fields:
        if name == fact:
            solver.add(less.known[name], more.known[name], less.value[name] < more.value[name])
        else:
            solver.add(less.known[name] == more.known[name], less.value[name] == more.value[name])
    tiers = [Meaning(policy, customer).tier() for customer in (less, more)]
    return {'lowers': who(solver, less, tiers[0] < tiers[1])}


def answer_nearer(question):
    """Somebody of a wanted tier who costs less to become than that, or at all."""
    policy, facts = Policy(question['policy']), question['facts']
    solver, customer = start(policy)
    may = {name: (Fraction(unit), Fraction(cost)) for name, unit, cost in question['may_change']}
    total = []
    for name, field in policy.fields.items():
        known, value = customer.known[name], customer.value[name]
        if name not in facts:
            solver.add(z3.Not(known))
            continue
        now = field.value(facts[name])
        solver.add(known)
        if name in may:
            unit, cost = may[name]
            size = z3.If(value >= now, value - now, now - value)
            total.append((cost / unit / field.scale, size))
        else:
            solver.add(value == now)
    whole = 1
    for factor, _ in total:
        whole *= factor.denominator
    if question['below'] is not None:
        cost = z3.Sum([z3.IntVal(int(factor * whole)) * size for factor, size in total] + [z3.IntVal(0)])
        below = Fraction(question['below']) * whole
        solver.add(cost * below.denominator < below.numerator)
    tier = Meaning(policy, customer).tier()
    return {'nearer': who(solver, customer, either(*[tier == place for place in question['tiers']]))}


ANSWERS = {
    'possible': answer_possible,
    'analysis': answer_analysis,
    'within': answer_within,
    'diff': answer_diff,
    'monotone': answer_monotone,
    'nearer': answer_nearer,
}

if __name__ == '__main__':
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = ANSWERS[question['ask']](question)
        except Exception as error:  # told to the test, which fails with it
            answer = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(answer), flush=True)
