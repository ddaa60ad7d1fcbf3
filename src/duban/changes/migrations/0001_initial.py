import django.db.models.deletion
import duban.changes.rules
import duban.matters.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('extend', '延期'), ('adjust', '调整'), ('suspend', '暂停'), ('carry_over', '结转下年'), ('terminate', '终止')], max_length=12)),
                ('state', models.CharField(choices=[('open', '待裁定'), ('approved', '已同意'), ('refused', '不同意'), ('withdrawn', '已撤回')], default=duban.changes.rules.RequestState['OPEN'], max_length=9)),
                ('cause', models.TextField(verbose_name='事由')),
                ('progress', models.TextField(verbose_name='目前进展')),
                ('due_on', models.DateField(null=True, verbose_name='希望延至')),
                ('wording', models.TextField(blank=True, verbose_name='调整后的目标任务')),
                ('asked_on', models.DateField(verbose_name='申请日期')),
                ('asked_at', models.DateTimeField()),
                ('asked_by_name', models.CharField(max_length=40)),
                ('channel', models.CharField(blank=True, choices=[('paper', '纸质回执'), ('telephone', '电话')], max_length=12)),
                ('informant', models.CharField(blank=True, max_length=40, verbose_name='申请人')),
                ('late_reason', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_name', models.CharField(blank=True, max_length=40)),
                ('refusal_reasons', models.TextField(blank=True, verbose_name='不同意的理由')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='matters.matter')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='orgs.unit')),
            ],
            options={
                'verbose_name': '变更申请',
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', duban.changes.rules.RequestState['OPEN'])), fields=('matter', 'kind'), name='change_asked_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', duban.changes.rules.RequestState['OPEN'])), models.Q(models.Q(('state', duban.changes.rules.RequestState['OPEN']), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='change_decided_with_moment'), models.CheckConstraint(condition=models.Q(models.Q(('state', duban.changes.rules.RequestState['REFUSED']), models.Q(('refusal_reasons', ''), _negated=True)), models.Q(models.Q(('state', duban.changes.rules.RequestState['REFUSED']), _negated=True), ('refusal_reasons', '')), _connector='OR'), name='change_refused_with_reasons'), models.CheckConstraint(condition=models.Q(models.Q(('due_on__isnull', False), ('kind', duban.matters.rules.ChangeKind['EXTEND'])), models.Q(models.Q(('kind', duban.matters.rules.ChangeKind['EXTEND']), _negated=True), ('due_on__isnull', True)), _connector='OR'), name='change_extension_names_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('channel', ''), ('informant', '')), models.Q(models.Q(('channel', ''), _negated=True), models.Q(('informant', ''), _negated=True)), _connector='OR'), name='change_told_by_somebody')],
            },
        ),
    ]
