# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes sequences.csv: PyTorch differentiates estimators of sequence losses, written as losses.

Teacher and student have logits at every prefix of V = 3 tokens and length T = 4; in world `eos` both end
with token 2. There are two sets of sequences, of the first and of the second writer of a sample. A gradient
is that of the mean over samples; logits whose gradient is 0 are left out. The worlds `bandit` have one
token a sequence, rewards, and a reference policy.
"""

from pathlib import Path

import torch
from torch.nn.functional import logsigmoid, softplus

torch.set_default_dtype(torch.float64)

V, T, COUNT = 3, 4, 6
ROWS = (V**T - 1) // (V - 1)


def row(prefix):
    """The row of a prefix: shorter ones first, then by value in base V."""
    number = 0
    for token in prefix:
        number = number * V + 1 + token
    return number


def states(end):
    """Every prefix before which no sequence has ended, and whether a token after it ends one."""
    level, found = [()], []
    while level:
        found += level
        level = [c + (v,) for c in level for v in range(V) if v != end and len(c) + 1 < T]
    return found


class Sample:
    """One sequence: log q and log p of its tokens, and of all tokens at its prefixes."""

    def __init__(self, world, tokens):
        self.tokens = tokens
        self.rows = [row(tokens[:t]) for t in range(len(tokens))]
        self.all_q, self.all_p = world.log_q[self.rows], world.log_p[self.rows]
        places = torch.tensor(tokens)[:, None]
        self.q = self.all_q.gather(1, places)[:, 0]
        self.p = self.all_p.gather(1, places)[:, 0]
        self.log_ratio = self.p - self.q

    def __len__(self):
        return len(self.tokens)

    @property
    def reward(self):
        return self.log_ratio.detach()

    @property
    def reverse(self):
        """KL(q‖p) at every prefix."""
        return (self.all_q.exp() * (self.all_q - self.all_p)).sum(1)

    @property
    def forward(self):
        return (self.all_p.exp() * (self.all_p - self.all_q)).sum(1)

    def gjsd(self, beta):
        mixture = torch.logsumexp(
            torch.stack([self.all_p + torch.tensor(beta).log(),
                         self.all_q + torch.tensor(1 - beta).log()]), 0)
        of_p = (self.all_p.exp() * (self.all_p - mixture)).sum(1)
        of_q = (self.all_q.exp() * (self.all_q - mixture)).sum(1)
        return beta * of_p + (1 - beta) * of_q


class World:
    def __init__(self, name, end, seed):
        self.name, self.end = name, end
        generator = torch.Generator().manual_seed(seed)
        self.teacher = torch.randn(ROWS, V, generator=generator)
        self.logits = torch.randn(ROWS, V, generator=generator).requires_grad_()
        self.log_p = self.teacher.log_softmax(1)
        self.log_q = self.logits.log_softmax(1)
        self.sets = [[self.draw(generator) for _ in range(COUNT)] for _ in range(2)]

    def draw(self, generator):
        tokens = []
        while len(tokens) < T and (not tokens or tokens[-1] != self.end):
            weights = self.log_q[row(tokens)].exp().detach()
            tokens.append(int(torch.multinomial(weights, 1, generator=generator)))
        return tokens

    def samples(self):
        return [[Sample(self, tokens) for tokens in given] for given in self.sets]

    def costs_to_go(self, gamma):
        """G(c), and G(cv) by token."""
        values = {}
        with torch.no_grad():
            for prefix in reversed(states(self.end)):
                q, p = self.log_q[row(prefix)], self.log_p[row(prefix)]
                later = torch.tensor([values.get(prefix + (v,), (0.0,))[0] for v in range(V)])
                costs = q - p + gamma * later
                values[prefix] = (float((q.exp() * costs).sum()), costs)
        return values


def to_go(values, gamma):
    """Σ_{u≥t} γ^{u−t} x_u."""
    sums, total = [], torch.tensor(0.0)
    for value in reversed(values):
        total = value + gamma * total
        sums.append(total)
    return torch.stack(sums[::-1])


def after(sums):
    """The sums of the next step."""
    return torch.cat([sums[1:], torch.zeros(1)])


def seqkd(world, ys, _):
    return sum(-y.q.sum() for y in ys) / COUNT


def policy_gradient(gamma=1.0, baseline=None, start=False, norm=False):
    def loss(world, ys, _):
        advantages = []
        for y in ys:
            # TRL: γ^i from the start of the sequence, and the token's own reward where γ is 0.
            powers = gamma ** torch.arange(len(y))
            if gamma == 0:
                sums = y.reward
            elif start or norm:
                weighted = (powers * y.reward).flip(0).cumsum(0).flip(0)
                sums = weighted if start else weighted / powers
                if norm:
                    sums = weighted / powers.flip(0).cumsum(0).flip(0)
            else:
                sums = to_go(y.reward, gamma)
            advantages.append(sums)
        total = 0
        for number, y in enumerate(ys):
            for t in range(len(y)):
                others = [a[t] for k, a in enumerate(advantages) if len(a) > t and k != number]
                own = advantages[number][t]
                b = 0
                if baseline == "mean":
                    b = sum(others + [own]) / (len(others) + 1)
                elif baseline == "leave-one-out":
                    b = sum(others) / len(others) if others else 0
                elif baseline == "token-kl":
                    b = -y.reverse[t].detach()
                elif baseline is not None:
                    value, costs = world.costs_to_go(gamma)[tuple(y.tokens[:t])]
                    q = y.all_q[t].exp().detach()
                    # ‖e_v − q‖² of every token v.
                    squares = ((torch.eye(V) - q) ** 2).sum(1)
                    b = -value if baseline == "value" else \
                        -(q * squares * costs).sum() / (q * squares).sum()
                total = total - (own - b) * y.q[t]
        return total / COUNT
    return loss


def kl(k, place, gamma=0.0, clamp=None):
    def loss(world, ys, _):
        total = 0
        for y in ys:
            ratio = y.log_ratio
            value = [-ratio, ratio**2 / 2, ratio.exp() - 1 - ratio][k - 1]
            if clamp:
                value = value.clamp(max=clamp)
            total = total + (value.sum() if place == "loss"
                             else (to_go(value.detach(), gamma) * y.q).sum())
        return total / COUNT
    return loss


def writer_ratio(y, alpha):
    """log(q/p̃) of the mixture p̃ = α p + (1 − α) q."""
    mixture = (alpha * y.p.exp() + (1 - alpha) * y.q.exp()).log()
    return (y.q - mixture).detach()


def minillm(form, alpha, weights, **keys):
    """The paper's loss, or the PPO loss of the published code."""
    gamma, scale = keys.get("gamma", 1.0), keys.get("scale", 1.0)
    clip, ratio_clip = keys.get("clip"), keys.get("ratio_clip")

    def loss(world, ys, _):
        singles, scores, advantages, ratios = [], [], [], []
        for y in ys:
            reward = y.reward / scale
            if clip:
                reward = reward.clamp(-clip, clip)
            log_weight = writer_ratio(y, alpha)
            prefix = log_weight.cumsum(0)
            if weights == "exact":
                sums = to_go(prefix.exp() * reward, gamma)
                single = (prefix - log_weight).exp()
                score = torch.ones(len(y))
            else:
                sums = to_go(reward, gamma)
                single = score = {"prefix": prefix, "token": log_weight,
                                  "one": torch.zeros(len(y))}[weights].exp()
            own = sums if form == "code" else after(sums)
            count = torch.arange(len(y), 0, -1) - int(form == "paper")
            if keys.get("norm"):
                own = own / count.clamp(min=1)
            singles.append((y.reverse * (1 if form == "code" else single)).sum())
            advantages.append(own)
            # The ratio to the student that wrote, 1 at the first update, times the weight.
            ratios.append((y.q - y.q.detach()).exp() * score)
        if keys.get("whiten"):
            flat = torch.cat(advantages)
            mean, variance = flat.mean(), flat.var(unbiased=False)
            advantages = [(a - mean) * torch.rsqrt(variance + 1e-8) for a in advantages]
        for advantage, ratio in zip(advantages, ratios):
            losses = -advantage * ratio
            if ratio_clip:
                losses = torch.max(losses,
                                   -advantage * ratio.clamp(1 - ratio_clip, 1 + ratio_clip))
            scores.append(losses.sum())
        count = sum(map(len, ys)) if keys.get("token_mean") else COUNT
        return (sum(singles) + sum(scores)) / count
    return loss


def rao_blackwell(gamma):
    def loss(world, ys, _):
        return sum((y.reverse + after(to_go(y.reverse.detach(), gamma)) * y.q).sum()
                   for y in ys) / COUNT
    return loss


# h(ρ), ρ = q/p: the term of a token in Σ q h. And what klsim leaves out of h + ρ h′: a constant cost is a
# baseline.
DIVERGENCES = {
    "fkl": (lambda r: -r.log() / r, 0),
    "rkl": (lambda r: r.log(), 1),
    "js": (lambda r: ((2 / (1 + r)).log() / r + (2 * r / (1 + r)).log()) / 2, 0),
    "hellinger": (lambda r: (1 - r**-0.5) ** 2 / 2, 0.5),
    "tvd": (lambda r: (1 - 1 / r).abs() / 2, 0),
}


def f_reward(name, corrected, gamma):
    def loss(world, ys, _):
        total = 0
        for y in ys:
            ratio = (y.q - y.p).detach().exp().requires_grad_()
            divergence, constant = DIVERGENCES[name]
            cost = divergence(ratio)
            slope, = torch.autograd.grad(cost.sum(), ratio)
            if corrected:
                cost = cost + ratio * slope - constant
            total = total + (to_go(cost.detach(), gamma) * y.q).sum()
        return total / COUNT
    return loss


def tokens(divergence, reduction="sums", share=None, positions=None, scale=1.0):
    """A divergence at the prefixes of one set of sequences, or at a share of each of the two sets."""
    def of(ys):
        if reduction == "token-mean":
            return sum(divergence(y).sum() for y in ys) / sum(map(len, ys))
        if reduction == "means":
            return sum(divergence(y).mean() for y in ys) / COUNT
        return sum(divergence(y)[positions or slice(None)].sum() for y in ys) / COUNT * scale

    def loss(world, ys, others):
        return of(ys) if share is None else (1 - share) * of(ys) + share * of(others)
    return loss


def top(k, renormalize):
    """Cross-entropy to the teacher's k largest probabilities."""
    def divergence(y):
        kept = torch.topk(y.all_p.exp(), k, dim=1)
        weights = kept.values / kept.values.sum(1, keepdim=True) if renormalize else kept.values
        return -(weights * y.all_q.gather(1, kept.indices)).sum(1)
    return divergence


def dpkd(b, normalize):
    def score(y):
        return -y.log_ratio.sum() / (len(y) if normalize else 1)

    def loss(world, ys, others):
        return sum(-logsigmoid(b * (score(y) - score(other)))
                   for y, other in zip(ys, others)) / COUNT
    return loss


def dpkd_code(b, normalize):
    def loss(world, ys, _):
        total = 0
        for y in ys:
            chosen, rejected = y.all_p.argmax(1)[:, None], y.all_q.argmax(1)[:, None]
            difference = y.all_q - y.all_p
            margin = difference.gather(1, chosen) - difference.gather(1, rejected)
            losses = -logsigmoid(b * margin).sum()
            total = total + losses / (len(y) if normalize else 1)
        return total / COUNT
    return loss


def snis(world, ys, others):
    total = 0
    for pair in zip(ys, others):
        weights = torch.stack([y.reward.sum() for y in pair]).softmax(0)
        total = total - sum(w * y.q.sum() for w, y in zip(weights, pair))
    return total / COUNT


PG, K, FR = "policy-gradient", "kl-estimator", "f-reward:objective"
GKD = "gkd-samples:lambda=0.3"
CODE = dict(gamma=0.95, norm=True, whiten=True, scale=0.5, clip=100.0, ratio_clip=0.2,
            token_mean=True)
SIGNALS = {
    "seqkd": seqkd,
    PG: policy_gradient(),
    f"{PG}:gamma=0": policy_gradient(0.0),
    f"{PG}:gamma=0.6": policy_gradient(0.6),
    f"{PG}:baseline=mean": policy_gradient(baseline="mean"),
    f"{PG}:gamma=0.6:baseline=leave-one-out": policy_gradient(0.6, "leave-one-out"),
    f"{PG}:baseline=token-kl": policy_gradient(baseline="token-kl"),
    f"{PG}:gamma=0.6:baseline=value": policy_gradient(0.6, "value"),
    f"{PG}:gamma=0.6:baseline=optimal": policy_gradient(0.6, "optimal"),
    f"{PG}:gamma=0.6:discount=start": policy_gradient(0.6, start=True),
    f"{PG}:gamma=0:discount=start": policy_gradient(0.0, start=True),
    f"{PG}:gamma=0.6:discount=start:length-norm=true": policy_gradient(0.6, start=True, norm=True),
    f"{PG}:gamma=0.6:length-norm=true": policy_gradient(0.6, norm=True),
    f"{K}:k=1:place=loss": kl(1, "loss"),
    f"{K}:k=2:place=loss": kl(2, "loss"),
    f"{K}:k=3:place=loss": kl(3, "loss"),
    f"{K}:k=3:place=loss:clamp=0.2": kl(3, "loss", clamp=0.2),
    f"{K}:k=1:place=reward": kl(1, "reward"),
    f"{K}:k=2:place=reward": kl(2, "reward"),
    f"{K}:k=3:place=reward": kl(3, "reward"),
    f"{K}:k=3:place=reward:clamp=0.2": kl(3, "reward", clamp=0.2),
    f"{K}:k=1:place=reward:gamma=1": kl(1, "reward", 1.0),
    f"{K}:k=3:place=reward:gamma=0.7": kl(3, "reward", 0.7),
    "minillm:alpha=0": minillm("paper", 0.0, "one"),
    "minillm": minillm("paper", 0.2, "exact"),
    "minillm:weights=prefix": minillm("paper", 0.2, "prefix"),
    "minillm:weights=token": minillm("paper", 0.2, "token"),
    "minillm:weights=one:gamma=0.7": minillm("paper", 0.2, "one", gamma=0.7),
    "minillm:alpha=0:length-norm=true": minillm("paper", 0.0, "one", norm=True),
    "minillm:weights=token:ratio-clip=0.1": minillm("paper", 0.2, "token", ratio_clip=0.1),
    "minillm:form=code": minillm("code", 0.2, "token", **CODE),
    "minillm:form=code:alpha=0": minillm("code", 0.0, "one", **CODE),
    "rao-blackwell": rao_blackwell(1.0),
    "rao-blackwell:gamma=0.6": rao_blackwell(0.6),
    f"{FR}=fkl": f_reward("fkl", False, 0.0),
    f"{FR}=fkl:corrected=true": f_reward("fkl", True, 0.0),
    f"{FR}=rkl:corrected=true": f_reward("rkl", True, 0.0),
    f"{FR}=js:gamma=0.6": f_reward("js", False, 0.6),
    f"{FR}=js:corrected=true": f_reward("js", True, 0.0),
    f"{FR}=hellinger": f_reward("hellinger", False, 0.0),
    f"{FR}=hellinger:corrected=true": f_reward("hellinger", True, 0.0),
    f"{FR}=tvd:corrected=true": f_reward("tvd", True, 0.0),
    GKD: tokens(lambda y: y.gjsd(0.5), share=0.3),
    f'{GKD}:objective="gjsd:beta=0.1"': tokens(lambda y: y.gjsd(0.1), share=0.3),
    "gkd-samples:lambda=1:objective=rkl:reduction=token-mean":
        tokens(Sample.reverse.fget, "token-mean"),
    "gkd-samples:lambda=0:objective=fkl:reduction=seq-mean-token-mean":
        tokens(Sample.forward.fget, "means"),
    "token-loss:part=first:share=0.5": tokens(Sample.reverse.fget, positions=slice(0, 2)),
    "token-loss:objective=fkl:part=last:share=0.25:scaled=true":
        tokens(Sample.forward.fget, positions=slice(3, 4), scale=4.0),
    "speculative:objective=fkl": tokens(Sample.forward.fget),
    "sparse-teacher:select=top:k=2": tokens(top(2, True)),
    "sparse-teacher:select=top:k=2:renormalize=false": tokens(top(2, False)),
    "dpkd": dpkd(0.1, True),
    "dpkd:b=0.7:length-normalize=false": dpkd(0.7, False),
    "dpkd:form=code:b=0.7": dpkd_code(0.7, True),
    "dpkd:form=code:length-normalize=false": dpkd_code(0.1, False),
    "snis": snis,
}

REWARDS, REFERENCE, BETA = [0.0, 0.5, 1.0, 0.2], [0.4, 0.3, 0.2, 0.1], 0.5
# f'(v) of log v.
SLOPES = {
    "rkl": lambda u: u,
    "fkl": lambda u: -(-u).exp(),
    "js": lambda u: torch.tensor(2.0).log() + u - softplus(u),
    "alpha": lambda u: (1 - (-0.5 * u).exp()) / 0.5,
}
PAIRS = [(0, 2), (3, 1), (2, 2), (1, 0), (2, 3)]


def preference(name, logits):
    """DPO with another divergence: both outcomes of every pair, by the odds of Bradley and Terry."""
    slopes = SLOPES[name](logits.log_softmax(0) - torch.tensor(REFERENCE).log())
    total = 0
    for a, b in PAIRS:
        odds = torch.sigmoid(torch.tensor(REWARDS[a] - REWARDS[b]))
        margin = BETA * (slopes[a] - slopes[b])
        total = total - odds * logsigmoid(margin) - (1 - odds) * logsigmoid(-margin)
    return total / len(PAIRS)


def main():
    lines = ["world,quantity,index,value"]

    def write(world, quantity, values):
        lines.extend(f"{world},{quantity},{index},{value:.14g}"
                     for index, value in enumerate(values) if value)

    for world in [World("plain", None, 1), World("eos", 2, 2)]:
        write(world.name, "teacher", world.teacher.flatten().tolist())
        write(world.name, "student", world.logits.flatten().tolist())
        for number, given in enumerate(world.sets):
            # Tokens from 1, and 0 after the end.
            write(world.name, f"sequences {number}",
                  [y[t] + 1 if t < len(y) else 0 for y in given for t in range(T)])
        for name, loss in SIGNALS.items():
            gradient, = torch.autograd.grad(loss(world, *world.samples()), world.logits,
                                            retain_graph=True)
            write(world.name, name, gradient.flatten().tolist())
    logits = torch.tensor([0.2, -0.1, 0.4, 0.0], requires_grad=True)
    for name in SLOPES:
        world = "bandit:rewards=0/0.5/1/0.2:reference=0.4/0.3/0.2/0.1:beta=0.5:divergence=" + name
        write(world, "student", logits.tolist())
        for number, given in enumerate(zip(*PAIRS)):
            write(world, f"sequences {number}", [token + 1 for token in given])
        gradient, = torch.autograd.grad(preference(name, logits), logits)
        write(world, "f-dpo:labels=expected", gradient.tolist())
    path = Path(__file__).with_name("sequences.csv")
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
