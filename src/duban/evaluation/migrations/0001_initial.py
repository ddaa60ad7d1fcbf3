import django.db.models.deletion
import duban.evaluation.rules.words
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('drafted', '拟稿'), ('shown', '单位核对'), ('confirmed', '已核定'), ('dropped', '已作罢')], default=duban.evaluation.rules.words.EvaluationState['DRAFTED'], max_length=9)),
                ('title', models.CharField(max_length=100, verbose_name='标题')),
                ('until', models.DateField(verbose_name='事实截至')),
                ('version', models.IntegerField(default=1)),
                ('drafted_on', models.DateField()),
                ('drafted_at', models.DateTimeField()),
                ('drafted_by_name', models.CharField(max_length=40)),
                ('median', models.DecimalField(decimal_places=1, max_digits=8, null=True, verbose_name='应办事宜中位数')),
                ('shown_on', models.DateField(null=True)),
                ('shown_at', models.DateTimeField(null=True)),
                ('shown_by_name', models.CharField(blank=True, max_length=40)),
                ('objections_until', models.DateField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by_name', models.CharField(blank=True, max_length=40)),
                ('reopened_reason', models.CharField(blank=True, max_length=200)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('dropped_by_name', models.CharField(blank=True, max_length=40)),
                ('dropped_reason', models.CharField(blank=True, max_length=200)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='orgs.jurisdiction')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='matters.plan')),
                ('policy', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.policy')),
            ],
            options={
                'verbose_name': '考评',
                'ordering': ['drafted_at', 'pk'],
                'indexes': [models.Index(fields=['jurisdiction', 'state'], name='evaluation_by_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', duban.evaluation.rules.words.EvaluationState['DROPPED']), _negated=True), fields=('plan',), name='plan_is_evaluated_once'), models.CheckConstraint(condition=models.Q(models.Q(('median__isnull', False), ('objections_until__isnull', False), ('policy__isnull', False), ('shown_at__isnull', False), ('shown_on__isnull', False), ('state__in', (duban.evaluation.rules.words.EvaluationState['SHOWN'], duban.evaluation.rules.words.EvaluationState['CONFIRMED']))), models.Q(('median__isnull', True), ('policy__isnull', True), ('shown_at__isnull', True), ('state', duban.evaluation.rules.words.EvaluationState['DRAFTED'])), ('state', duban.evaluation.rules.words.EvaluationState['DROPPED']), _connector='OR'), name='evaluation_frozen_once_shown'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by_name', '')), models.Q(('confirmed_at__isnull', False), models.Q(('confirmed_by_name', ''), _negated=True)), _connector='OR'), name='evaluation_confirmed_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('state', duban.evaluation.rules.words.EvaluationState['CONFIRMED'])), models.Q(models.Q(('state', duban.evaluation.rules.words.EvaluationState['CONFIRMED']), _negated=True), ('confirmed_at__isnull', True)), _connector='OR'), name='evaluation_confirmed_with_moment'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', False), ('state', duban.evaluation.rules.words.EvaluationState['DROPPED']), models.Q(('dropped_reason', ''), _negated=True)), models.Q(models.Q(('state', duban.evaluation.rules.words.EvaluationState['DROPPED']), _negated=True), ('dropped_at__isnull', True), ('dropped_reason', '')), _connector='OR'), name='evaluation_dropped_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='LeaderRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leader_name', models.CharField(max_length=60)),
                ('value', models.DecimalField(decimal_places=2, max_digits=6, verbose_name='评价')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('rated_at', models.DateTimeField()),
                ('rated_by_name', models.CharField(max_length=40)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='evaluation.evaluation')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unit_ratings', to='orgs.post')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leader_ratings', to='orgs.unit')),
            ],
            options={
                'verbose_name': '领导评价',
                'ordering': ['post__order', 'post_id', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('evaluation', 'post', 'unit'), name='leader_rates_a_unit_once'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='rating_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='ResultIntake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('file_name', models.CharField(max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('unread', models.JSONField(default=list)),
                ('taken_at', models.DateTimeField()),
                ('taken_by_name', models.CharField(max_length=40)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intakes', to='evaluation.evaluation')),
            ],
            options={
                'verbose_name': '核查结果',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'number'), name='result_intake_numbered_once')],
            },
        ),
        migrations.CreateModel(
            name='OfficeResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact_key', models.CharField(blank=True, max_length=60)),
                ('result', models.CharField(max_length=60, verbose_name='核查结果')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='核查说明')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='office_results', to='orgs.unit')),
                ('intake', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='evaluation.resultintake')),
            ],
            options={
                'verbose_name': '考评部门结果',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('intake', 'unit', 'fact_key'), name='result_once_an_intake'), models.CheckConstraint(condition=models.Q(models.Q(('result', ''), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='result_says_something')],
            },
        ),
        migrations.CreateModel(
            name='ScoreSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('is_current', models.BooleanField(default=True)),
                ('data', models.JSONField()),
                ('score', models.DecimalField(decimal_places=2, max_digits=7, null=True, verbose_name='总分')),
                ('loses_award', models.BooleanField(default=False, verbose_name='取消评先资格')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='更正理由')),
                ('made_at', models.DateTimeField()),
                ('made_by_name', models.CharField(max_length=40)),
                ('contested_at', models.DateTimeField(null=True)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='evaluation.evaluation')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='score_sheets', to='orgs.unit')),
            ],
            options={
                'verbose_name': '考评表',
                'ordering': ['unit__order', 'unit_id', 'number'],
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'unit', 'number'), name='score_sheet_numbered_once'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('evaluation', 'unit'), name='unit_has_one_current_sheet'), models.CheckConstraint(condition=models.Q(('number', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='score_corrected_with_reason')],
            },
        ),
    ]
